import { request } from 'node:http';
import { connect } from 'node:net';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

/** What a server in a sandbox may answer instead of HTTP, by path. */
const ANSWERS: Record<string, string> = {
  garbage: '\x00\x01\x02 not http at all\r\n\r\n',
  'no-status': 'HTTP/1.1\r\n\r\n',
  'status-0': 'HTTP/1.1 000 Zero\r\n\r\n',
  'status-099': 'HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n',
  'status-1000': 'HTTP/1.1 1000 High\r\ncontent-length: 0\r\n\r\n',
  'unasked-upgrade': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes',
  'only-continue': 'HTTP/1.1 100 Continue\r\n\r\n',
  'only-hints': 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n',
  'control-in-reason': 'HTTP/1.1 200 O\x01K\x7f\r\ncontent-length: 2\r\n\r\nok',
  'control-in-value': 'HTTP/1.1 200 OK\r\nx-a: \x01\x02\r\ncontent-length: 2\r\n\r\nok',
  'bytes-in-value': 'HTTP/1.1 200 OK\r\nx-a: \xe4\xff\r\ncontent-length: 2\r\n\r\nok',
  'bad-name': 'HTTP/1.1 200 OK\r\nx a: 1\r\ncontent-length: 2\r\n\r\nok',
  'two-lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!',
  'length-and-chunks': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'bad-length': 'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok',
  'bad-chunk': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n',
  'body-of-204': 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello',
  'body-of-304': 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'long-head': `HTTP/1.1 200 OK\r\nx-a: ${'x'.repeat(200_000)}\r\n\r\n`,
  trailers: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n2\r\nok\r\n0\r\nx-t: \x01\r\n\r\n',
  nothing: '',
};

const SERVER = `
const answers = JSON.parse(require('fs').readFileSync('answers.json', 'utf8'));
require('net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (head) => {
    const name = head.toString('latin1').split(' ')[1].slice(1).split('?')[0];
    socket.end(Buffer.from(answers[name] ?? 'HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok', 'latin1'));
  });
}).listen(3000);
`;

describe('the proxy before a server that means harm', () => {
  let engine: TestEngine;
  let sandbox: Sandbox;

  beforeAll(async () => {
    engine = await TestEngine.start();
    sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
    await sandbox.files.write('answers.json', JSON.stringify(ANSWERS));
    await sandbox.files.write('server.cjs', SERVER);
    await sandbox.commands.run('/.engine/node server.cjs', { background: true });
    await waitUntil(async () => (await call('GET', 'fine')) === 'ok', 10_000, 20);
  });
  afterAll(() => engine?.dispose());

  /** The answer's body, or the name of what went wrong. */
  function call(method: string, name: string): Promise<string> {
    return new Promise((resolve) => {
      const host = `3000-${sandbox.sandboxId}.sandbox.localhost`;
      const options = {
        host: '127.0.0.1',
        port: engine.port,
        path: `/${name}`,
        method,
        headers: { host },
        agent: false,
        timeout: 5000,
      };
      const outgoing = request(options, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
        answer.on('error', (error) => resolve(error.message));
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('hangs')));
      outgoing.on('error', (error) => resolve(error.message));
      outgoing.end(method === 'POST' ? 'body' : undefined);
    });
  }

  function upgrade(name: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(engine.port, '127.0.0.1');
      let text = '';
      const timer = setTimeout(() => socket.destroy(new Error('hangs')), 5000);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', (error) => {
        text = error.message;
      });
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(text);
      });
      const host = `3000-${sandbox.sandboxId}.sandbox.localhost`;
      socket.write(`GET /${name} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    });
  }

  it.each(Object.keys(ANSWERS))('goes on after %s', async (name) => {
    const { pid } = engine;
    for (const method of ['GET', 'POST', 'HEAD']) expect(await call(method, name)).not.toBe('hangs');
    expect(await upgrade(name)).not.toBe('hangs');
    expect(await call('GET', 'fine')).toBe('ok');
    expect((await fetch(`${engine.url}/health`)).status).toBe(200);
    expect(engine.pid).toBe(pid);
  });
});
