import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';
import { identifyProcess, isAlive, ProcessIdentity } from '../runtime/process.ts';

const Lock = z.object({ process: ProcessIdentity });

export const lockFile = (folder: string) => path.join(folder, 'engine.lock');

/**
 * One engine per folder: two of one data folder or of one instance would sweep each other's sandboxes.
 * @param setting that another engine would need another value of
 * @throws HostError naming the process that holds it. A lock whose process is gone is taken over.
 */
export async function lockFolder(folder: string, setting: string): Promise<() => Promise<void>> {
  const file = lockFile(folder);
  const own = identifyProcess(process.pid);
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, JSON.stringify({ process: own }));
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // A link appears with its content and fails when the name is taken.
        await link(temporary, file);
        return () => rm(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await readHolder(file);
      if (holder !== null && isAlive(holder)) {
        throw new HostError(`another engine (process ${holder.pid}) uses ${folder}: stop it first or set ${setting}`);
      }
      await rm(file, { force: true });
    }
    throw new HostError(`could not lock ${folder}`);
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function readHolder(file: string): Promise<ProcessIdentity | null> {
  try {
    return Lock.parse(JSON.parse(await readFile(file, 'utf8'))).process;
  } catch {
    return null;
  }
}
