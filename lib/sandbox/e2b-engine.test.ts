import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { testSettings } from '../testing.ts';
import { createE2bEngine } from './e2b-engine.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Root in a sandbox decides what a shell there prints (/etc/profile), and whether it ever stops. */
it('does not collect output without end', async () => {
  let sent = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (!request.url?.includes('/process.Process/Start')) {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ sandboxID: 'i1', templateID: 't', clientID: 'c', envdVersion: '0.5.0', envdAccessToken: 'x' }),
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'application/connect+json' });
    response.write(frame({ event: { start: { pid: 1 } } }));
    const data = frame({ event: { data: { stdout: Buffer.alloc(64 * 1024, 'x').toString('base64') } } });
    const more = (): void => {
      if (response.destroyed) return;
      sent += 64 * 1024;
      response.write(data, () => setImmediate(more));
    };
    more();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const engine = createE2bEngine(
    testSettings('postgres://a:b@127.0.0.1:1/c', { E2B_API_URL: url, E2B_SANDBOX_URL: url }),
  );
  const sandbox = await engine.connect('i1', { timeoutSeconds: 60 });
  const run = sandbox.run('true', { user: 'root', timeoutMs: 10_000 });
  await expect(run).rejects.toMatchObject({ code: 'output_too_large' });
  expect(sent).toBeLessThan(50_000_000);
});
