import { pino } from 'pino';
import { ConfigError, loadConfig } from './config.ts';
import { startEngine, type Engine } from './engine.ts';
import { initEnvd, startCommand, warmUp } from './envd/client.ts';
import { ensureToolbox } from './images/toolbox.ts';
import { createTemplates } from './templates/index.ts';

/** The engine as a process: settings from the environment, JSON log lines to stdout, ends on SIGTERM. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, base: undefined, name: 'engine' });
  if (process.getuid?.() !== 0) throw new ConfigError('The engine makes namespaces and mounts: start it as root.');

  let stopping = false;
  let engine: Engine | undefined;
  const starting = startEngine(config, { ensureToolbox, createTemplates, startCommand, initEnvd, warmUp }, log);
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'engine stops');
    void starting
      .then((started) => started.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, 'engine did not stop cleanly');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The state is on disk and sandboxes outlive the engine: starting anew is safer than going on after a bug.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exit(1);
  });
  engine = await starting;
  log.debug({ port: engine.port }, 'engine started');
}

main().catch((error: unknown) => {
  console.error(`engine: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
