import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { initEnvd } from './client.ts';

it('takes no more of an answer than it needs: the program that answers may not be envd', async () => {
  let sent = 0;
  const closed = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    response.on('close', () => closed.resolve());
    const chunk = Buffer.alloc(1 << 20, 'x');
    const more = () => {
      while (!response.destroyed && sent < 2 ** 30) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on('drain', more).writeHead(500);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const refused = initEnvd({ url: `http://127.0.0.1:${port}`, token: 't' }, { envVars: {}, defaultUser: 'user' });
    await expect(refused).rejects.toThrow(/^envd refused its settings: 500 x+$/);
    await closed.promise;
    expect(sent).toBeLessThan(64 * 2 ** 20);
  } finally {
    server.close();
  }
});
