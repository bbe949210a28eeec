import type { EnvdEndpoint, EnvdInit, StartCommand } from '../sandboxes/types.ts';
import { EngineError } from '../api/errors.ts';
import { CONSOLE_TAG } from './process/console.ts';
import { readLimited, streamProcess, streamProgram } from './client-stream.ts';

/** How long envd may take to answer a small call, in ms. */
const CALL_MS = 10_000;

/** Commands after which a new envd is as fast as it gets soon; and longest that they may take, in ms. */
const WARMING = { commands: 16, ms: 4000 };

/** Envd refused a call or could not be reached. */
export class EnvdCallError extends EngineError {
  constructor(message: string, cause?: unknown) {
    super(502, message, { cause });
  }
}

/** Sets what commands without a user, folder or variables of their own get. */
export async function initEnvd(envd: EnvdEndpoint, init: EnvdInit): Promise<void> {
  const response = await fetch(`${envd.url}/init`, {
    method: 'POST',
    headers: { 'x-access-token': envd.token, 'content-type': 'application/json' },
    body: JSON.stringify(init),
    signal: AbortSignal.timeout(CALL_MS),
  });
  const text = await readLimited(response);
  if (!response.ok) throw new EnvdCallError(`envd refused its settings: ${response.status} ${text.slice(0, 500)}`);
}

/**
 * Starts a command that goes on by itself; resolves once it has a pid. Its output goes to the sandbox's console. It runs at every
 * start from the disk, often with sudo in it: what somebody left in ~/.profile must have no part in it.
 */
export async function startCommand(envd: EnvdEndpoint, command: StartCommand): Promise<void> {
  for await (const event of streamProcess(
    envd,
    { ...command, withoutHome: true, tag: CONSOLE_TAG },
    AbortSignal.timeout(CALL_MS),
  )) {
    if (event.kind === 'start') return;
  }
  throw new EnvdCallError('the command ended before it started');
}

/**
 * Has envd run commands of no effect. Node runs code that it has not run before at half the speed, and the first
 * commands of a sandbox are what its user waits for.
 * @param signal ends it; nothing that goes wrong matters
 */
export async function warmUp(envd: EnvdEndpoint, signal: AbortSignal): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(WARMING.ms)]);
  try {
    for (let count = 0; count < WARMING.commands; count += 1) {
      // To its end: the end is part of what is warmed up. No shell: what its start files do is nobody's wish here.
      for await (const _event of streamProgram(envd, { user: 'user', process: { cmd: '/bin/true' } }, until));
    }
  } catch {
    // It is taken, or it is slow: it is as warm as it is.
  }
}
