import { readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { runDirectory } from '../config.ts';
import { CliError, type Command, onlyArgument, UsageError } from './command.ts';
import type { Place } from './place.ts';
import { tailLines } from './tail.ts';

export const logs: Command = {
  name: 'logs',
  usage: '<id> [--follow] [-n <lines>] | --engine [<id>] [--follow] [-n <lines>]',
  summary: 'shows what a sandbox wrote to its console, or what the engine logged (about it)',
  help: [
    "The console has what the sandbox's first processes wrote: envd, and the start command of its template.",
    '--engine shows the JSON lines of the engine, with <id> those about that sandbox alone.',
  ],
  options: {
    engine: { type: 'boolean' },
    follow: { type: 'boolean', short: 'f' },
    lines: { type: 'string', short: 'n', default: '100' },
  },
  async run({ place, args, flags }) {
    const count = Number(flags.lines);
    if (!Number.isInteger(count) || count < 0) throw new UsageError('-n takes a number of lines');
    const id = flags.engine && args.length === 0 ? undefined : onlyArgument(args, 'id');
    const file = flags.engine || id === undefined ? await engineLog(place) : await consoleLog(place, id);
    const about = flags.engine && id !== undefined ? `"${id}"` : '';
    const lines = about === '' ? count : Number.POSITIVE_INFINITY;
    const found: string[] = [];
    for await (const line of tailLines(file, { lines, follow: flags.follow === true })) {
      if (!line.includes(about)) continue;
      if (about === '' || flags.follow) console.log(readable(line));
      else found.push(line);
    }
    for (const line of count === 0 ? [] : found.slice(-count)) console.log(readable(line));
  },
};

/** What comes from a sandbox must not command the terminal of whoever reads it. */
function readable(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replace(/\r$/, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}

async function consoleLog(place: Place, id: string): Promise<string> {
  const record = await place.record(id);
  const { instance } = await place.instance();
  const file = path.join(runDirectory(instance), record.id, 'disk/console.log');
  if (await stat(file).catch(() => null)) return file;
  throw new CliError(`The disk of ${id} is not mounted, for it has no processes.`, `engine resume ${id}`);
}

/** Where the running engine writes to, or where it usually does. */
async function engineLog(place: Place): Promise<string> {
  const pid = await place.enginePid();
  const output = pid === null ? null : await readlink(`/proc/${pid}/fd/1`).catch(() => null);
  const usual = [path.join(place.dataDir, '../logs/engine.log'), path.join(place.dataDir, 'engine.log')];
  for (const file of [...(output === null ? [] : [output]), ...usual]) {
    if ((await stat(file).catch(() => null))?.isFile()) return file;
  }
  throw new CliError(
    'The engine does not write to a file that is known.',
    'it logs to its standard output: look where it was started (journalctl, docker logs, a terminal)',
  );
}
