import { once } from 'node:events';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { Agent } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { forwardUpstream, type UpstreamEnd } from './upstream.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
}

/** Calls through the forwarder and leaves when `leaveWhen` says so. */
async function leave(upstream: RequestListener, leaveWhen: 'asked' | 'answered'): Promise<UpstreamEnd> {
  const asked = Promise.withResolvers<void>();
  const origin = await serve((req, res) => {
    upstream(req, res);
    asked.resolve();
  });
  const dispatcher = new Agent();
  const end = Promise.withResolvers<UpstreamEnd>();
  const front = await serve((_req, res) => {
    const passed = { dispatcher, origin, path: '/', method: 'GET', headers: {}, body: null };
    end.resolve(forwardUpstream({ ...passed, answerHeaders: () => ({}) }, res));
  });
  const call = request(front);
  call.on('error', () => {});
  call.end();
  await asked.promise;
  if (leaveWhen === 'answered') {
    const [response] = await once(call, 'response');
    await once(response, 'data');
  }
  call.destroy();
  const result = await end.promise;
  await dispatcher.destroy();
  return result;
}

it.each(['asked', 'answered'] as const)('takes a client that leaves once it has %s for no failure', async (when) => {
  const upstream: RequestListener = (_req, res) => {
    if (when === 'answered') res.write('a beginning');
  };
  expect(await leave(upstream, when)).toEqual({ end: 'client_gone' });
});
