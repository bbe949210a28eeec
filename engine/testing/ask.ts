import { request } from 'node:http';

const REQUEST_MS = 15_000;

export type Answer = { status: number; text: string };

/** One GET through an engine's proxy to a port in a sandbox. `port` is the engine's. */
export function ask(
  engine: { port: number; domain: string },
  to: { id: string; port: number; path?: string },
): Promise<Answer> {
  const headers = { host: `${to.port}-${to.id}.${engine.domain}` };
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: engine.port, path: to.path ?? '/', headers, timeout: REQUEST_MS, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    call.on('timeout', () => call.destroy(new Error('the answer timed out')));
    call.on('error', reject);
    call.end();
  });
}
