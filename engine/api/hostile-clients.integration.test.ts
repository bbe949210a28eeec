import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, TestEngine } from '../testing/engine.ts';

describe('the engine before clients that mean harm', () => {
  let engine: TestEngine;
  let tlsPort: number;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    tlsPort = await freePort();
    engine = await TestEngine.start({ env: { ENGINE_TLS_PORT: String(tlsPort) } });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  const health = async () => (await fetch(`${engine.url}/health`)).status;
  afterAll(() => engine?.dispose());

  /** What comes back until the engine closes the connection, or `ms` have passed. */
  function send(parts: string[], port = engine.port, ms = 3000): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      let text = '';
      const done = () => resolve(text);
      socket.setTimeout(ms, done);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', done);
      for (const part of parts) socket.write(part);
    });
  }

  it.each([
    [
      'headers without end',
      [`GET /health HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(100_000)}\r\n\r\n`],
      /^HTTP\/1.1 431 /,
    ],
    ['a request line without end', [`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`], /^HTTP\/1.1 431 /],
    ['what is no HTTP', ['\x16\x03\x01\x02\x00\x01'], /^HTTP\/1.1 400 /],
    [
      'two lengths',
      ['POST /sandboxes HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
      /^HTTP\/1.1 400 /,
    ],
    [
      'a length and chunks',
      ['POST /sandboxes HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      /^HTTP\/1.1 400 /,
    ],
    ['a path that is no URL', ['GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'], /^HTTP\/1.1 400 /],
    ['a method that tunnels', ['CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n'], /^$/],
    [
      'a whole URL of somebody else',
      ['GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n'],
      /^HTTP\/1.1 401 /,
    ],
    [
      'an upgrade of the API',
      ['GET /sandboxes HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
      /^HTTP\/1.1 502 /,
    ],
  ])('answers or cuts %s', async (_, parts, expected) => {
    expect(await send(parts)).toMatch(expected);
    expect(await health()).toBe(200);
  });

  it('takes no plain text for TLS, and goes on after broken handshakes', async () => {
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\xff\xff', '\x00'.repeat(1000)]) {
      expect(await send([bytes], tlsPort, 500)).not.toContain('HTTP/1.1 200');
    }
    expect(await health()).toBe(200);
  });

  it('serves others while hundreds of clients say nothing', async () => {
    const connected: Promise<unknown>[] = [];
    for (const [port, start] of [
      [engine.port, 'GET / HT'],
      // The start of a TLS record, which a handshake goes on from.
      [tlsPort, '\x16\x03\x01'],
    ] as const) {
      for (let count = 0; count < 300; count += 1) {
        const socket = connect(port, '127.0.0.1', () => socket.write(count % 2 ? start : ''));
        connected.push(once(socket, 'connect'));
        socket.on('error', () => {});
        sockets.push(socket);
      }
    }
    await Promise.all(connected);
    const started = performance.now();
    expect(await health()).toBe(200);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(sockets.filter((socket) => socket.destroyed)).toHaveLength(0);
  });
});
