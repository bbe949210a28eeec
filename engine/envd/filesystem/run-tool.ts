import { EnvdError } from '../http/errors.ts';
import { spawnAs } from '../process/spawn.ts';
import type { Context } from '../state.ts';
import type { User } from '../users.ts';

/** Most of a tool's error text that is kept, in bytes. */
const MAX_ERROR_BYTES = 2000;

/**
 * Runs a coreutils command as `user`: work on whole trees would block the event loop here, and these are written
 * against races.
 * @param folders Opened folders that the command has as descriptors 3 and up.
 * @throws EnvdError with the first line of what it printed.
 */
export async function runTool(
  context: Context,
  user: User,
  cmd: string,
  args: string[],
  folders: number[] = [],
): Promise<void> {
  const defaults = { ...context.defaults, envVars: { LC_ALL: 'C.UTF-8' }, workdir: '/' };
  const child = spawnAs(user, { cmd, args, envs: {} }, defaults, 'output', folders);
  let text = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => {
    if (text.length < MAX_ERROR_BYTES) text += chunk.toString('utf8');
  });
  const closed = [child.stdout, child.stderr].map((output) => new Promise((resolve) => output?.once('close', resolve)));
  const [{ code }] = await Promise.all([child.exited, ...closed]);
  if (code === 0) return;
  const [reason] = text.split('\n');
  const isDenied = /permission denied|not permitted|read-only/i.test(text);
  const isFull = /no space left|quota/i.test(text);
  throw new EnvdError(
    isDenied ? 'permission_denied' : isFull ? 'resource_exhausted' : 'internal',
    reason || `${cmd} failed`,
  );
}
