import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { Client } from 'undici';
import { afterEach, expect, it } from 'vitest';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { forward } from './forward.ts';

const servers: (Server | TcpServer)[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The port of a proxy to a server in a sandbox, and that sandbox. */
async function proxyTo(
  port: number,
  { envd = false, keepAlive = false } = {},
): Promise<{ port: number; agent: Agent }> {
  const agent = new Agent({ keepAlive });
  const sandbox = { id: 'i1', agent, track: () => {} } as unknown as Sandbox;
  const destination = { address: '127.0.0.1', port, envd, tls: false, host: null, token: null };
  const proxy = createServer((request, response) => forward(request, response, sandbox, destination));
  return { port: await listen(proxy), agent };
}

/** What a client gets when the server in the sandbox sends exactly `head` and a body of two bytes. */
async function answerTo(head: string): Promise<number | undefined> {
  const port = await listen(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(Buffer.from(`${head}Content-Length: 2\r\n\r\nhi`, 'latin1')));
    }),
  );
  const { port: proxy } = await proxyTo(port);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: proxy, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}

// Each of these ended the engine's process, or left the client waiting for ever.
it.each([
  ['a status that does not exist', 'HTTP/1.1 000 OK\r\n', 502],
  ['a status below 100', 'HTTP/1.1 099 OK\r\n', 502],
  ['control characters in the reason', 'HTTP/1.1 200 O\x01K\r\n', 502],
  ['early hints that are none', 'HTTP/1.1 103 Early Hints\r\nLink: none\r\n\r\nHTTP/1.1 200 OK\r\n', 200],
  ['a protocol that nobody asked for', 'HTTP/1.1 101 Other\r\nConnection: Upgrade\r\nUpgrade: other\r\n', 502],
])('survives %s', async (_, head, status) => {
  expect(await answerTo(head)).toBe(status);
});

it('reads on when the server answers without the rest of a body, so that the connection can be used again', async () => {
  // It answers at once and goes on reading, as envd does.
  const port = await listen(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write('HTTP/1.1 507 Full\r\nContent-Length: 2\r\n\r\nhi'));
      socket.resume();
    }),
  );
  const proxy = await proxyTo(port);
  const client = new Client(`http://127.0.0.1:${proxy.port}`);
  try {
    for (let time = 0; time < 5; time++) {
      const upload = { path: '/', method: 'POST' as const, body: Buffer.alloc(4_000_000) };
      const answer = await client.request({ ...upload, headersTimeout: 2000, bodyTimeout: 2000 });
      expect([answer.statusCode, await answer.body.text()]).toEqual([507, 'hi']);
    }
  } finally {
    await client.destroy();
  }
});

it.each([
  ['envd', true, 1],
  ['other servers', false, 3],
])('sends calls to %s over kept connections only where those cannot have closed', async (_, envd, expected) => {
  let connections = 0;
  const server = createServer((request, response) => void request.resume().once('end', () => response.end('hi')));
  server.on('connection', () => (connections += 1));
  const port = await listen(server);
  const proxy = await proxyTo(port, { envd, keepAlive: true });
  const client = new Client(`http://127.0.0.1:${proxy.port}`);
  try {
    for (let time = 0; time < 3; time++) {
      const answer = await client.request({ path: '/', method: 'POST', body: 'x' });
      expect(await answer.body.text()).toBe('hi');
    }
    expect(connections).toBe(expected);
  } finally {
    await client.destroy();
    proxy.agent.destroy();
  }
});

it('gives up a call whose caller left, though it was answered before all of it came', async () => {
  let open = 0;
  // As envd answers what it refuses, or needs no body for.
  const server = createServer((_request, response) => void response.writeHead(204).end());
  server.on('connection', (socket) => {
    open += 1;
    socket.on('error', () => {}).once('close', () => (open -= 1));
  });
  const port = await listen(server);
  const proxy = await proxyTo(port, { envd: true, keepAlive: true });
  for (let time = 0; time < 5; time++) {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1');
    await once(socket, 'data');
    socket.destroy();
  }
  await expect.poll(() => open).toBe(0);
  proxy.agent.destroy();
});
