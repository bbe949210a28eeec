import { ftruncateSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** The tag of a command whose output goes to the sandbox's console as well: the start command. */
export const CONSOLE_TAG = 'start-command';

/** The console's log is a file on the sandbox's own disk; a command that writes all the time must not fill that. */
const LIMIT_BYTES = 1024 * 1024;
const CUT = '[what was here before was dropped]\n';

/** Envd's own output is the console, opened to append. */
const CONSOLE = 1;

/** Writes what comes out of `sources` to the console too, of which the newest megabyte at most is kept. */
export function copyToConsole(sources: (Readable | null)[], file = CONSOLE, limit = LIMIT_BYTES): void {
  let written = 0;
  const write = (chunk: Buffer) => {
    try {
      written += chunk.length;
      if (written > limit) {
        ftruncateSync(file);
        written = chunk.length;
        writeSync(file, CUT);
      }
      writeSync(file, chunk);
    } catch {
      // The disk is full, or this is no file: the command goes on all the same.
    }
  };
  for (const source of sources) source?.on('data', write);
}
