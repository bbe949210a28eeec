import { request } from 'node:http';
import { HostError } from '../api/errors.ts';
import { isAlive, type ProcessIdentity } from '../runtime/process.ts';
import type { FileWatch } from './file-watch.ts';

const START_TIMEOUT_MS = 15_000;
/** Without a word from envd it is asked all the same after this. */
const SILENCE_MS = 100;
/** Its link may need a moment more than envd. */
const RETRY_MS = 3;
const PROBE_TIMEOUT_MS = 1000;
const CONNECT_TIMEOUT_MS = 20;

/**
 * @param console of the sandbox: envd writes to it as soon as it listens. Asking every few milliseconds instead took the
 * engine as long as the rest of a start together.
 * @throws HostError when the sandbox's first process ends, or envd does not answer in time.
 */
export async function waitForEnvd(
  url: string,
  process: ProcessIdentity,
  console: FileWatch,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let hasSpoken = false;
  do {
    hasSpoken = (await console.next(hasSpoken ? RETRY_MS : SILENCE_MS)) || hasSpoken;
    signal?.throwIfAborted();
    if (await probe(`${url}/health`)) return;
    if (!isAlive(process)) throw new HostError('the sandbox ended before envd answered');
  } while (performance.now() < deadline);
  throw new HostError(`envd did not answer within ${START_TIMEOUT_MS / 1000} s`);
}

/** Whether envd answers right now. */
export function probe(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = request(url, { agent: false, timeout: PROBE_TIMEOUT_MS }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 300);
    });
    attempt.on('socket', (socket) => {
      // A link that has just come up loses its first packets; TCP itself would try again after a whole second.
      const timer = setTimeout(() => attempt.destroy(), CONNECT_TIMEOUT_MS);
      socket.once('connect', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
    });
    attempt.on('timeout', () => attempt.destroy());
    attempt.on('error', () => resolve(false));
    attempt.end();
  });
}
