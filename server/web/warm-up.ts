import { request } from 'node:http';

import type { Log } from '../../lib/log.ts';

/** The pages of the way in: what they need is loaded before the first person waits for it. */
const paths = ['/sign-in', '/workspace', '/api/auth/session'];
const LIMIT_MILLISECONDS = 10_000;

/** Asks for the first pages once, as nobody. Only a matter of speed: a failure is logged and changes nothing. */
export async function warmUp(socketPath: string, log: Log): Promise<void> {
  const started = performance.now();
  for (const path of paths) {
    await get(socketPath, path).catch((error: unknown) => log.warn({ err: error, path }, 'warm-up request failed'));
  }
  log.debug({ milliseconds: Math.round(performance.now() - started) }, 'web is warm');
}

function get(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path, headers: { host: 'localhost' }, timeout: LIMIT_MILLISECONDS },
      (response) => {
        response.resume();
        response.once('end', resolve);
        response.once('error', reject);
      },
    );
    call.once('timeout', () => call.destroy(new Error(`no answer within ${LIMIT_MILLISECONDS} ms`)));
    call.once('error', reject);
    call.end();
  });
}
