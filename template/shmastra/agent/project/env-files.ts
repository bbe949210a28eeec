import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** The one that has names and no values, for everybody to read. */
const EXAMPLE = '.env.example';
/** Beyond these it is no file of settings, or nobody's project. */
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 50;

/**
 * All that the project's .env files set, whichever of them is in force: a name may come several times. Read each time,
 * since people and tools change them.
 */
export function readEnvFilesNow(projectDir: string): [name: string, value: string][] {
  return envFiles(projectDir).flatMap((name) => {
    try {
      const path = join(projectDir, name);
      const stats = statSync(path);
      // Reading a pipe would wait for its writer.
      if (!stats.isFile() || stats.size > MAX_BYTES) return [];
      return Object.entries(parseEnv(readFileSync(path, 'utf8'))).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, value]],
      );
    } catch {
      // It was there a moment ago.
      return [];
    }
  });
}

/** The shortest names first, which are those that programs read. */
function envFiles(projectDir: string): string[] {
  try {
    return readdirSync(projectDir)
      .filter((name) => name.startsWith('.env') && name !== EXAMPLE)
      .toSorted((first, second) => first.length - second.length)
      .slice(0, MAX_FILES);
  } catch {
    return [];
  }
}

/** Patterns of git that together match each .env file but the example: one pattern cannot say "but". */
export function envFilePatterns(): string[] {
  const tail = EXAMPLE.slice('.env'.length);
  const shorter = [...tail].map((_, length) => `**/.env${tail.slice(0, length)}`);
  const other = [...tail].map((letter, index) => `**/.env${tail.slice(0, index)}[!${letter}]*`);
  return [...shorter, ...other, `**/${EXAMPLE}?*`];
}
