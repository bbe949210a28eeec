import { request, type RequestOptions } from 'node:http';

const ANSWER_MS = 2_000;

/** The status of a GET, or null when nothing answers within 2 s. */
export function status(target: Pick<RequestOptions, 'host' | 'port' | 'socketPath' | 'path'>): Promise<number | null> {
  return new Promise((resolve) => {
    const call = request({ ...target, method: 'GET', agent: false, timeout: ANSWER_MS }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(null));
    call.on('close', () => resolve(null));
    call.end();
  });
}
