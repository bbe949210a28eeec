import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrency.ts';
import type { FrontContext } from './context.ts';
import { createUpgradeHandler } from './upgrade-route.ts';

test('does not count a socket that went away while its caller was looked up', async () => {
  const limit = createConcurrencyLimit(1, 'requests');
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const { promise: asked, resolve: verified } = Promise.withResolvers<void>();
  const verifySession = async () => {
    socket.destroy();
    await closed;
    setImmediate(verified);
    return { userId: 'u1' };
  };
  const ownOrigin = 'http://localhost:3000';
  const context = {
    services: { verifySession },
    limit,
    ownOrigin,
    appsDomain: 'apps.localhost',
  } as unknown as FrontContext;
  const headers = { upgrade: 'websocket', origin: ownOrigin, cookie: 'session=1' };
  const req = { method: 'GET', url: '/api/mastra/ws', headers } as unknown as IncomingMessage;
  createUpgradeHandler(context).handle(req, socket, Buffer.alloc(0));
  await asked;
  expect(() => limit.enter('u1')).not.toThrow();
});
