import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { asUser } from '../access/as-user.ts';
import { EnvdError, fromErrno } from '../http/errors.ts';
import { resolvePath } from '../paths.ts';
import type { Defaults } from '../state.ts';
import type { User } from '../users.ts';
import type { ProcessConfig } from './messages.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Node clears supplementary groups when it changes the user; setpriv (util-linux, essential in Debian) sets them. */
const SETPRIV = '/usr/bin/setpriv';
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

/** The pipes of a command: its output, with or without standard input, or none for one that opens a terminal. */
export type Pipes = 'output' | 'input and output' | 'none';

const STDIO = {
  output: ['ignore', 'pipe', 'pipe'],
  'input and output': ['pipe', 'pipe', 'pipe'],
  none: ['ignore', 'ignore', 'ignore'],
} satisfies Record<Pipes, ('pipe' | 'ignore')[]>;

/**
 * Starts a command as `user` in a session of its own, so that a signal can reach all of it.
 * @param descriptors Open files that the command gets as its descriptors 3 and up.
 * @throws EnvdError invalid_argument for a missing working folder.
 */
export function spawnAs(
  user: User,
  config: ProcessConfig,
  defaults: Defaults,
  pipes: Pipes,
  descriptors: number[] = [],
): ChildProcess {
  const cwd = workingFolder(config, user, defaults);
  const options = {
    cwd,
    env: commandEnvironment(user, defaults, config.envs),
    detached: true,
    stdio: [...STDIO[pipes], ...descriptors],
  };
  const child = spawnWithIds(user, config, options);
  if (child.pid) protectFromOom(child.pid);
  return child;
}

type Options = {
  cwd: string;
  env: Record<string, string>;
  detached: boolean;
  stdio: ('pipe' | 'ignore' | number)[];
};

function spawnWithIds(user: User, config: ProcessConfig, options: Options): ChildProcess {
  if (process.getuid?.() !== 0) return spawn(config.cmd, config.args, options);
  if (user.groups.length === 0 || !existsSync(SETPRIV)) {
    return spawn(config.cmd, config.args, { ...options, uid: user.uid, gid: user.gid });
  }
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, `--groups=${user.groups.join(',')}`];
  return spawn(SETPRIV, [...ids, '--', config.cmd, ...config.args], options);
}

function protectFromOom(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // It has ended already, or the kernel does not allow it: only the order of OOM kills is affected.
  }
}
