import { listApiKeys } from '../state/api-keys.ts';
import { readInstance } from '../state/instance.ts';
import { CliError, type Command, UsageError } from './command.ts';
import { missingPackages } from './host-programs.ts';

/** Of an engine that nobody gave a name. */
const INSTANCE = 'local';

export const start: Command = {
  name: 'start',
  usage: '',
  summary: 'runs the engine in the foreground until SIGINT or SIGTERM, as root',
  help: [
    'Settings come from the environment (docs/engine.md). The data folder is made when it is not there; --data-dir is needed',
    `then. ENGINE_INSTANCE and ENGINE_SUBNET are those of the last run, or ${INSTANCE} and 10.213.0.0/16: engines on one`,
    'machine need different ones. The log goes to the standard output, one JSON object a line.',
  ],
  async run({ place, args }) {
    if (args.length > 0) throw new UsageError('start takes no arguments');
    if (process.getuid?.() !== 0) throw new CliError('The engine makes mounts, links and cgroups.', 'run it as root');
    const missing = await missingPackages();
    if (missing.length > 0) {
      throw new CliError(
        `Programs of these Debian packages are missing: ${missing.join(', ')}.`,
        `apt-get update && apt-get install ${missing.join(' ')}`,
      );
    }
    const former = await readInstance(place.dataDir);
    process.env.ENGINE_DATA_DIR = place.dataDir;
    process.env.ENGINE_INSTANCE ||= former?.instance ?? INSTANCE;
    if (former !== null) process.env.ENGINE_SUBNET ||= former.subnet;
    if ((await listApiKeys(place.dataDir)).every((key) => key.revokedAt !== undefined)) {
      console.error(`engine: there is no API key yet: engine keys create --data-dir ${place.dataDir}`);
    }
    await import('../daemon.ts');
  },
};
