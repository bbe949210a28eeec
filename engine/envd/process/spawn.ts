import { statSync, writeFileSync } from 'node:fs';
import { asUser } from '../access/as-user.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import { withIds } from '../native/thread-ids.ts';
import { resolvePath } from '../paths.ts';
import type { Defaults } from '../state.ts';
import type { User } from '../users.ts';
import { type Child, type Pipes, startChild, type WithIds } from './child.ts';
import type { ProcessConfig } from './messages.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Commands are killed for lack of memory before envd is. */
const OOM_SCORE = '200';

/** The environment of a command: the user's own, the sandbox's defaults over it, the request's over both. */
export function commandEnvironment(
  user: User,
  defaults: Defaults,
  envs: Record<string, string>,
): Record<string, string> {
  const own = { PATH: DEFAULT_PATH, HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell };
  return { ...own, ...defaults.envVars, ...envs };
}

function workingFolder(config: ProcessConfig, user: User, defaults: Defaults): string {
  const cwd = resolvePath(config.cwd ?? '', user, defaults.workdir);
  if (asUser(user, () => canEnter(cwd))) return cwd;
  if (!config.cwd && cwd === user.home) return '/';
  throw new EnvdError('invalid_argument', `cwd '${cwd}' does not exist`);
}

/** Node would enter the folder before it becomes the user. Looking at `.` takes the right to enter, as chdir(2) does. */
function canEnter(folder: string): boolean {
  try {
    return statSync(`${folder}/.`, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    throw fromErrno(error, folder);
  }
}

/**
 * Starts a command as `user` in a session of its own, so that a signal can reach all of it.
 * @param descriptors Open files that the command gets as its descriptors 3 and up.
 * @throws EnvdError invalid_argument for a missing working folder; Error with an errno's name as `code`
 */
export function spawnAs(
  user: User,
  config: ProcessConfig,
  defaults: Defaults,
  pipes: Pipes,
  descriptors: number[] = [],
): Child {
  const cwd = workingFolder(config, user, defaults);
  const environment = commandEnvironment(user, defaults, config.envs);
  // Not root: envd is run by hand and can only be itself.
  const become: WithIds = process.getuid?.() === 0 ? (start) => withIds(user, start) : (start) => start();
  const child = firstThatStarts(searched(config.cmd, environment.PATH ?? ''), (file) =>
    startChild({ file, args: config.args, environment, cwd, descriptors }, pipes, become),
  );
  protectFromOom(child.pid);
  return child;
}

/** Where execvp(3) would look for a program. */
function searched(name: string, folders: string): string[] {
  if (name === '' || name.includes('/')) return [name];
  return folders.split(':').map((folder) => `${folder || '.'}/${name}`);
}

/** @throws Error of the last one, or EACCES when that was the trouble with an earlier one, as execvp(3) */
function firstThatStarts<Result>(files: string[], start: (file: string) => Result): Result {
  let failure: unknown;
  for (const file of files) {
    try {
      return start(file);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoCode(error) ?? '')) throw error;
      if (errnoCode(failure) !== 'EACCES') failure = error;
    }
  }
  throw failure;
}

function protectFromOom(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // It has ended already, or the kernel does not allow it: only the order of OOM kills is affected.
  }
}
