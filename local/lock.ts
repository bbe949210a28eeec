import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { isCode, readJson } from './files.ts';
import { identify, isRunning } from './identity.ts';

const schema = z.object({
  pid: z.number(),
  startTicks: z.string(),
  boot: z.string(),
  url: z.string(),
  since: z.string(),
});

const lockFile = (dataDir: string): string => path.join(dataDir, 'running.json');

/** Who runs on a data directory, at which address; null when nobody does. */
export async function lockHolder(dataDir: string): Promise<z.infer<typeof schema> | null> {
  // A damaged record is what a crash in the middle of writing leaves: nobody runs.
  const holder = await readJson(lockFile(dataDir), schema).catch(() => null);
  return holder && isRunning(holder) ? holder : null;
}

/**
 * Makes this process the only one that runs on a data directory. Returns what gives it up again.
 * @throws StartError saying who runs.
 */
export async function takeLock(dataDir: string, url: string): Promise<() => Promise<void>> {
  const file = lockFile(dataDir);
  const own = identify(process.pid);
  const text = JSON.stringify({ ...own, url, since: new Date().toISOString() });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o644);
      await handle.writeFile(`${text}\n`);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const holder = await lockHolder(dataDir);
    if (holder) {
      throw new StartError(`Shmastra Cloud already runs on ${dataDir}: ${holder.url}`, {
        why: `process ${holder.pid} runs since ${holder.since}`,
        next: `use it, stop it (kill ${holder.pid}), or start another one with its own DATA_DIR and PORT`,
      });
    }
    await rm(file, { force: true });
  }
  throw new StartError(`${file} could not be taken.`, { next: 'another npm start began at this moment: try again' });
}
