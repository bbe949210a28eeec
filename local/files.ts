import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';

/** Reads a JSON file of ours; null when it is not there. A damaged file is an error, not a fresh start. */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StartError(`${file} is damaged.`, { why: String(cause), next: 'restore it from a backup', cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const why = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new StartError(`${file} does not hold what it should.`, { why, next: 'restore it from a backup' });
}

/** Writes a JSON file so that after a crash there is either the old or the new one, whole. */
export async function writeJson(file: string, value: unknown, mode = 0o600): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** A folder with exactly this mode, whatever the umask is. */
export async function ensureFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, mode);
}

/**
 * Removes a folder in which the service user can write. By rm(1), which never goes through a link that is put in the
 * place of a folder meanwhile; Node's own does, and what root removes then is anywhere.
 */
export async function removeFolder(folder: string): Promise<void> {
  const { code, output } = await run('rm', ['-rf', '--one-file-system', '--', folder]);
  if (code !== 0) throw new StartError(`${folder} could not be removed.`, { why: output.trim() });
}

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

export const within = (folder: string, file: string): boolean => {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
};
