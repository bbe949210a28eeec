import type { ChildProcess } from 'node:child_process';
import { EnvdError, errnoCode } from '../http/errors.ts';
import type { Context } from '../state.ts';
import type { User } from '../users.ts';
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
export async function startProcess(context: Context, user: User, request: StartRequest): Promise<RunningProcess> {
  const { process: config, tag } = request;
  if (request.pty) return startOnTerminal(context, user, request, request.pty.size);
  const pipes = (request.stdin ?? true) ? 'input and output' : 'output';
  const spawn = (program: ProcessConfig) => spawnAs(user, program, context.defaults, pipes);
  let child = spawn(config);
  if (child.pid === undefined && (await failure(child)) !== 'EAGAIN') {
    child = spawn({ ...config, cmd: '/bin/sh', args: ['-c', BY_SHELL, config.cmd, ...config.args] });
  }
  if (tag === CONSOLE_TAG) copyToConsole([child.stdout, child.stderr]);
  return new RunningProcess(child, await startedPid(child, config), config, tag);
}

async function startOnTerminal(
  context: Context,
  user: User,
  { process: config, tag }: StartRequest,
  size: { cols: number; rows: number },
): Promise<RunningProcess> {
  const terminal = openTerminal(size, user);
  try {
    const args = ['-c', ON_TERMINAL, terminal.device, config.cmd, ...config.args];
    const child = spawnAs(user, { ...config, cmd: '/bin/sh', args }, context.defaults, 'none');
    return new RunningProcess(child, await startedPid(child, config), config, tag, terminal);
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

async function startedPid(child: ChildProcess, { cmd }: ProcessConfig): Promise<number> {
  if (child.pid === undefined)
    throw new EnvdError('invalid_argument', `cannot start '${cmd}': ${await failure(child)}`);
  child.on('error', () => {});
  return child.pid;
}

async function failure(child: ChildProcess): Promise<string> {
  const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
  return errnoCode(error) ?? 'failed';
}
