import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../errors.ts';

const PATIENCE_MS = 3000;
const POLL_MS = 50;
/** Without /proc to ask, a lock that nobody has touched for so long has lost its owner. */
const STALE_MS = 60_000;

/**
 * Waits for another git in the project, such as one in a terminal, to finish. A lock whose git is gone (the machine
 * stopped, it was killed) is removed: git itself would refuse every command from then on.
 */
export async function waitForLocks(
  gitDir: string,
  projectDir: string,
  branch: string | undefined,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const names = ['index.lock', 'HEAD.lock', 'packed-refs.lock', ...(branch === undefined ? [] : [`${branch}.lock`])];
  const deadline = Date.now() + patienceMs;
  for (const name of names) {
    const file = join(gitDir, name);
    for (;;) {
      const age = await ageOf(file);
      if (age === undefined) break;
      const owner = await findGit(projectDir);
      if (owner === 'none' || (owner === 'unknown' && age > STALE_MS)) {
        await rm(file, { force: true });
        break;
      }
      if (Date.now() > deadline) {
        throw new ApiError(409, 'repository_busy', 'Another git command is running in this project.', {
          next: 'Finish it in the terminal, then try again.',
        });
      }
      await sleep(POLL_MS);
    }
  }
}

async function ageOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? undefined : Date.now() - found.mtimeMs;
}

/** Whether a git works in the project. Git closes its lock's file early, so that who has it open says nothing. */
async function findGit(projectDir: string): Promise<'found' | 'none' | 'unknown'> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (processes.length === 0) return 'unknown';
  for (const id of processes) {
    const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '');
    if (!/^git(-|$)/.test(name.trim())) continue;
    const folder = await readlink(`/proc/${id}/cwd`).catch(() => '');
    if (folder === projectDir || folder.startsWith(projectDir + sep)) return 'found';
  }
  return 'none';
}
