import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errnoCode } from '../envd/http/errors.ts';
import { ImageBuildError } from './host-program.ts';

const POLL_MS = 250;
const WAIT_MS = 30 * 60_000;

async function isHeldByNobody(lock: string): Promise<boolean> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errnoCode(error) === 'ESRCH';
  }
}

/**
 * Runs `action` while no other process of this host does so for the same file. The lock of a process that is gone is
 * taken over.
 * @param onWait is called once when another process holds it.
 */
export async function withCacheLock<Result>(
  lock: string,
  onWait: () => void,
  action: () => Promise<Result>,
): Promise<Result> {
  await mkdir(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + WAIT_MS;
  for (let hasTold = false; ; hasTold = true) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error;
    }
    if (Date.now() > deadline) throw new ImageBuildError(`another process holds ${lock} for too long`);
    if (!hasTold) onWait();
    await setTimeout(POLL_MS);
    // Looked at after the wait, so that a lock that was just made has its content.
    if (await isHeldByNobody(lock)) await rm(lock, { force: true });
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}
