import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export type Environment = Record<string, string>;

const MAX_BYTES = 64 * 1024;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Needed where file events don't arrive, and for a folder that is made later. */
const POLL_MS = 250;

/**
 * Reads `NAME=value` lines. A value is taken as it stands, without quotes or expansion: the file is data, never a
 * script. Empty lines and comments are skipped, and so are lines that aren't an assignment.
 */
export function parseEnvironment(text: string): Environment {
  const environment: Environment = {};
  for (const line of text.slice(0, MAX_BYTES).split('\n')) {
    const separator = line.indexOf('=');
    const name = line.slice(0, separator).trim();
    if (separator > 0 && NAME.test(name)) environment[name] = line.slice(separator + 1).replace(/\r$/, '');
  }
  return environment;
}

/** Calls back with the file's content once it is there, and again whenever it changes. Returns how to stop. */
export function watchEnvironment(file: string, onChange: (environment: Environment) => void): () => void {
  let known: string | undefined;
  const check = () => {
    const text = readIfPresent(file);
    if (text === undefined || text === known) return;
    known = text;
    onChange(parseEnvironment(text));
  };

  const poll = setInterval(check, POLL_MS);
  let stopWatching = () => {};
  try {
    const watcher = watch(dirname(file), (_event, name) => {
      if (name === null || name === basename(file)) check();
    });
    watcher.on('error', () => watcher.close());
    stopWatching = () => watcher.close();
  } catch {
    // No folder yet, or no watches left: polling does it.
  }
  check();

  return () => {
    clearInterval(poll);
    stopWatching();
  };
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
