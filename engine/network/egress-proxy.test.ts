import { connect, createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEgressProxy, type EgressProxy } from './egress-proxy.ts';

let proxy: EgressProxy;
let domains: string[];
const sockets: Socket[] = [];
let server: Server | undefined;

beforeEach(async () => {
  domains = ['a.example'];
  proxy = await createEgressProxy('127.0.0.1', {
    domainsOf: () => domains,
    mayReach: (address) => address !== '127.0.0.2',
    resolve: async (name) => (name === 'a.example' ? ['127.0.0.2', '127.0.0.3'] : []),
    log: pino({ level: 'silent' }),
  });
});
afterEach(() => {
  proxy.close();
  server?.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Resolves with what was read once the connection closes. */
function ask(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(proxy.ports.http, '127.0.0.1', () => socket.write(text));
    sockets.push(socket);
    let read = '';
    socket.on('data', (chunk) => {
      read += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(read));
  });
}

it('connects to the addresses of the name that may be reached, and to no others', async () => {
  const seen: string[] = [];
  server = createServer((socket) => {
    seen.push(socket.localAddress ?? '');
    socket.once('data', (data) => socket.end(`got ${data.length}`));
  });
  const listening = await new Promise<boolean>((resolve) => {
    server?.once('error', () => resolve(false)).listen(80, '127.0.0.3', () => resolve(true));
  });
  const request = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
  // Port 80 of this machine may be somebody else's.
  expect(await ask(request)).toBe(listening ? `got ${request.length}` : '');
  expect(seen).toEqual(listening ? ['127.0.0.3'] : []);
});

it('ends connections whose name is not allowed, not given, or not there', async () => {
  expect(await ask('GET / HTTP/1.1\r\nHost: b.example\r\n\r\n')).toBe('');
  expect(await ask('GET / HTTP/1.0\r\n\r\n')).toBe('');
  domains = ['*'];
  expect(await ask('GET / HTTP/1.1\r\nHost: b.example\r\n\r\n')).toBe('');
  expect(await ask(`GET /${'x'.repeat(70_000)}`)).toBe('');
});

it('has nothing to say to others', async () => {
  domains = [];
  expect(await ask('')).toBe('');
});

it('ends connections that a new policy does not allow', async () => {
  const ended = ask('GET / HTTP/1.1\r\nHost: a.ex');
  await new Promise((resolve) => sockets[0]?.once('connect', resolve));
  domains = ['c.example'];
  await expect.poll(() => (proxy.recheck('127.0.0.1'), sockets[0]?.destroyed)).toBe(true);
  expect(await ended).toBe('');
});

it('ends a connection that names its host in too many pieces', async () => {
  const ended = ask('G');
  const [socket] = sockets;
  socket?.setNoDelay();
  const timer = setInterval(() => socket?.write('x'), 1);
  const started = performance.now();
  await ended;
  clearInterval(timer);
  expect(performance.now() - started).toBeLessThan(5000);
});
