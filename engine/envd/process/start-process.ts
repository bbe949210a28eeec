import { EnvdError, errnoCode } from '../http/errors.ts';
import type { Context } from '../state.ts';
import type { User } from '../users.ts';
import type { Child } from './child.ts';
import { CONSOLE_TAG, copyToConsole } from './console.ts';
import type { ProcessConfig, StartRequest } from './messages.ts';
import { RunningProcess } from './running-process.ts';
import { spawnAs } from './spawn.ts';
import { Terminal } from './terminal.ts';

/** Makes the terminal that it is given the controlling one of its session, and its input and output; then is the command. */
const ON_TERMINAL = 'exec "$@" <"$0" >"$0" 2>&1';
/** What a shell says of a command that cannot be started, and exits with 126 or 127: so E2B's clients see it. */
const BY_SHELL = 'exec "$0" "$@"';

/**
 * Starts the command of a Start request, with a terminal if it asks for one.
 * @throws EnvdError invalid_argument when it cannot be started
 */
export function startProcess(context: Context, user: User, request: StartRequest): RunningProcess {
  const { process: config, tag } = request;
  if (request.pty) return startOnTerminal(context, user, request, request.pty.size);
  const pipes = (request.stdin ?? true) ? 'input and output' : 'output';
  const child = spawnOrSay(config, (program) => spawnAs(user, program, context.defaults, pipes));
  if (tag === CONSOLE_TAG) copyToConsole([child.stdout, child.stderr]);
  return new RunningProcess(child, config, tag);
}

function startOnTerminal(
  context: Context,
  user: User,
  { process: config, tag }: StartRequest,
  size: { cols: number; rows: number },
): RunningProcess {
  const terminal = openTerminal(size, user);
  try {
    const args = ['-c', ON_TERMINAL, terminal.device, config.cmd, ...config.args];
    const spawn = () => spawnAs(user, { ...config, cmd: '/bin/sh', args }, context.defaults, 'none');
    return new RunningProcess(startOf(config, spawn), config, tag, terminal);
  } catch (error) {
    terminal.close();
    throw error;
  }
}

function openTerminal(size: { cols: number; rows: number }, user: User): Terminal {
  try {
    return new Terminal(size, user);
  } catch (error) {
    const code = errnoCode(error);
    if (code === undefined) throw error;
    throw new EnvdError('unavailable', `cannot open a terminal: ${code}`);
  }
}

/** Where the command itself cannot be started a shell tries, and says why not. */
function spawnOrSay(config: ProcessConfig, spawn: (program: ProcessConfig) => Child): Child {
  try {
    return spawn(config);
  } catch (error) {
    const code = systemCode(error);
    // No more processes are to be had: a shell would not start either.
    if (code === 'EAGAIN') throw notStarted(config, code);
    const args = ['-c', BY_SHELL, config.cmd, ...config.args];
    return startOf(config, () => spawn({ ...config, cmd: '/bin/sh', args }));
  }
}

function startOf(config: ProcessConfig, spawn: () => Child): Child {
  try {
    return spawn();
  } catch (error) {
    throw notStarted(config, systemCode(error));
  }
}

/** @throws the error itself when it is none of a system call */
function systemCode(error: unknown): string {
  const code = error instanceof EnvdError ? undefined : errnoCode(error);
  if (code === undefined) throw error;
  return code;
}

function notStarted({ cmd }: ProcessConfig, code: string): EnvdError {
  return new EnvdError('invalid_argument', `cannot start '${cmd}': ${code}`);
}
