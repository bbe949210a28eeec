import { request } from 'node:http';
import { HostError } from '../api/errors.ts';
import { isAlive, type ProcessIdentity } from '../runtime/process.ts';
import { waitUntil } from '../runtime/wait.ts';

const START_TIMEOUT_MS = 15_000;
const PROBE_TIMEOUT_MS = 1000;
const CONNECT_TIMEOUT_MS = 20;

/** @throws HostError when the sandbox's first process ends, or envd does not answer in time. */
export async function waitForEnvd(url: string, process: ProcessIdentity, signal?: AbortSignal): Promise<void> {
  let ended = false;
  const answered = await waitUntil(
    async () => {
      if (await probe(`${url}/health`)) return true;
      ended = !isAlive(process);
      return ended;
    },
    START_TIMEOUT_MS,
    3,
    signal,
  );
  signal?.throwIfAborted();
  if (ended) throw new HostError('the sandbox ended before envd answered');
  if (!answered) throw new HostError(`envd did not answer within ${START_TIMEOUT_MS / 1000} s`);
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
