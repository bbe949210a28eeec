import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './files.ts';

/** Never part of what a build reads from the checkout. */
const IGNORED = new Set(['node_modules', '.git', '.next', '.data', '.studio', '.widget', '.cache', '.mastra']);

/** Every file below these paths, relative to `root`, sorted. Paths that do not exist are left out. */
async function filesBelow(root: string, relative: string): Promise<string[]> {
  const found = await lstat(path.join(root, relative)).catch(() => null);
  if (!found) return [];
  if (!found.isDirectory()) return [relative];
  const names = await readdir(path.join(root, relative));
  const kept = names.filter((name) => !IGNORED.has(name)).toSorted();
  return (await Promise.all(kept.map((name) => filesBelow(root, path.join(relative, name))))).flat();
}

/**
 * SHA-256 over the names, modes and contents of everything below these paths, and over `extra` (versions and settings
 * that change the result). Tests do not count: they change nothing that is built.
 */
export async function hashInputs(root: string, paths: string[], extra: string[] = []): Promise<string> {
  const files = (await Promise.all(paths.toSorted().map((relative) => filesBelow(root, relative)))).flat();
  const hash = createHash('sha256').update(JSON.stringify(extra));
  for (const file of files.filter((name) => !/\.test\.tsx?$/.test(name))) {
    const absolute = path.join(root, file);
    const stats = await lstat(absolute);
    const content = stats.isSymbolicLink() ? await readlink(absolute) : await readFile(absolute);
    hash.update(`\n${file}\n${stats.mode & 0o111 ? 'x' : '-'}\n`).update(createHash('sha256').update(content).digest());
  }
  return hash.digest('hex');
}

const stampsSchema = z.record(z.string(), z.string());

/** Remembers for each step the hash of the inputs it last succeeded with. */
export function createStamps(file: string) {
  let writing: Promise<unknown> = Promise.resolve();
  const update = (change: (stamps: Record<string, string>) => void): Promise<void> => {
    const next = writing.then(async () => {
      const stamps = (await readJson(file, stampsSchema)) ?? {};
      change(stamps);
      await writeJson(file, stamps, 0o644);
    });
    writing = next.catch(() => {});
    return next;
  };
  return {
    async isCurrent(step: string, hash: string): Promise<boolean> {
      return ((await readJson(file, stampsSchema)) ?? {})[step] === hash;
    },
    set: (step: string, hash: string) => update((stamps) => void (stamps[step] = hash)),
    /** Before a step begins: if it is interrupted, it has to be done again. */
    clear: (step: string) => update((stamps) => void delete stamps[step]),
  };
}

export type Stamps = ReturnType<typeof createStamps>;
