import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';
import { createAuthority } from '../tls/certificates.ts';

const SERVER = `
const http = require('http');
const server = http.createServer((req, res) => {
  if (req.url === '/events') {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    const timer = setInterval(() => res.write('data: tick\\n\\n'), 20);
    req.on('close', () => { clearInterval(timer); global.closed = (global.closed ?? 0) + 1; });
    return;
  }
  if (req.url === '/closed') return res.end(String(global.closed ?? 0));
  if (req.url === '/break') { res.writeHead(200, { 'content-length': 100 }); res.write('part'); return setTimeout(() => req.socket.destroy(), 50); }
  if (req.url === '/hangup') return req.socket.destroy();
  let size = 0;
  req.on('data', (chunk) => { size += chunk.length; });
  req.on('end', () => {
    res.writeHead(req.url === '/created' ? 201 : 200, 'Fine', { 'X-Two': ['a', 'b'] });
    res.end(JSON.stringify({ method: req.method, url: req.url, size, headers: req.headers, port: server.address().port }));
  });
});
server.on('upgrade', (req, socket, head) => {
  socket.on('error', () => {});
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
  socket.write(head);
  socket.pipe(socket);
});
server.listen(Number(process.argv[2]), process.argv[3]);
`;

describe('the proxy to the ports of a sandbox', () => {
  let engine: TestEngine;
  let sandbox: Sandbox;

  beforeAll(async () => {
    engine = await TestEngine.start();
    sandbox = await Sandbox.create('base', {
      ...engine.connection,
      timeoutMs: 300_000,
      lifecycle: { onTimeout: 'pause' },
    });
    await sandbox.files.write('server.cjs', SERVER);
    for (const args of ['3000 0.0.0.0', '3001 127.0.0.1', '3002 localhost']) {
      await sandbox.commands.run(`/.engine/node server.cjs ${args}`, { background: true });
    }
    const listening = async (port: number) => (await call('/', { port })).status === 200;
    for (const port of [3000, 3001, 3002]) await waitUntil(() => listening(port), 10_000, 20);
  });
  afterAll(() => engine?.dispose());

  type Options = {
    port?: number;
    id?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: Buffer | Buffer[];
  };

  function open(path: string, options: Options = {}): Promise<IncomingMessage> {
    const { port = 3000, id = sandbox.sandboxId, method = 'GET', headers = {}, body } = options;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: engine.port,
          path,
          method,
          agent: false,
          headers: { host: `${port}-${id}.sandbox.localhost`, ...headers },
        },
        resolve,
      );
      outgoing.on('error', reject);
      for (const part of Array.isArray(body) ? body : [body]) if (part) outgoing.write(part);
      outgoing.end();
    });
  }

  async function call(path: string, options: Options = {}) {
    const answer = await open(path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return {
      status: answer.statusCode,
      message: answer.statusMessage,
      headers: answer.headers,
      raw: answer.rawHeaders,
      text,
    };
  }

  it.each([
    ['0.0.0.0', 3000],
    ['127.0.0.1', 3001],
    ['localhost', 3002],
  ])('reaches a server that listens on %s', async (_, port) => {
    expect(JSON.parse((await call('/x?y=%2F', { port })).text)).toMatchObject({ url: '/x?y=%2F', port });
  });

  it('passes status, headers and bodies both ways', async () => {
    const body = Buffer.alloc(5_000_000, 'x');
    const answer = await call('/created', {
      method: 'POST',
      body,
      headers: { 'content-length': String(body.length), 'x-mine': '1' },
    });
    expect(answer).toMatchObject({ status: 201, message: 'Fine' });
    expect(answer.raw.filter((name) => name === 'X-Two')).toHaveLength(2);
    const seen = JSON.parse(answer.text);
    expect(seen).toMatchObject({ method: 'POST', size: body.length });
    expect(seen.headers).toMatchObject({ 'x-mine': '1', host: `3000-${sandbox.sandboxId}.sandbox.localhost` });
    const chunked = await call('/', { method: 'PUT', body: [Buffer.alloc(1000), Buffer.alloc(1000)] });
    expect(JSON.parse(chunked.text)).toMatchObject({ method: 'PUT', size: 2000 });
    expect(JSON.parse((await call('/', { method: 'DELETE' })).text)).toMatchObject({ method: 'DELETE', size: 0 });
  });

  it('keeps its own credentials from the sandbox', async () => {
    const { text } = await call('/', { headers: { 'x-api-key': 'secret', connection: 'x-hop', 'x-hop': '1' } });
    expect(JSON.parse(text).headers).not.toHaveProperty('x-api-key');
    expect(JSON.parse(text).headers).not.toHaveProperty('x-hop');
  });

  it('streams events as they come, and ends the server side with the client', async () => {
    const before = Number((await call('/closed')).text);
    const answer = await open('/events');
    const first = await new Promise<Buffer>((resolve) => answer.once('data', resolve));
    expect(first.toString()).toContain('data: tick');
    answer.destroy();
    await expect.poll(async () => Number((await call('/closed')).text)).toBe(before + 1);
  });

  it('does not pass a cut answer off as whole', async () => {
    await expect(call('/break')).rejects.toThrow(/aborted/);
  });

  it('answers as E2B does when it reaches nothing', async () => {
    const closed = await call('/', { port: 4444 });
    expect(closed.status).toBe(502);
    expect(JSON.parse(closed.text)).toEqual({
      sandboxId: sandbox.sandboxId,
      message: 'The sandbox is running but port is not open',
      code: 502,
      port: 4444,
    });
    const unknown = await call('/', { id: 'inone' });
    expect(unknown.status).toBe(502);
    expect(JSON.parse(unknown.text)).toEqual({ sandboxId: 'inone', message: 'The sandbox was not found', code: 502 });
    expect((await call('/hangup')).status).toBe(502);
    expect((await call('/hangup', { method: 'POST', body: Buffer.from('x') })).status).toBe(502);
  });

  function upgrade(port: number, id = sandbox.sandboxId): Promise<{ head: string; echo: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect(engine.port, '127.0.0.1');
      let text = '';
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: ${port}-${id}.sandbox.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello`,
      );
      socket.on('data', (chunk) => {
        text += chunk.toString();
        const [head = '', echo = ''] = text.split('\r\n\r\n');
        if (echo.length >= 5) {
          socket.destroy();
          resolve({ head, echo });
        }
      });
      socket.on('error', reject);
    });
  }

  it('joins upgraded connections', async () => {
    const { head, echo } = await upgrade(3000);
    expect(head).toContain('101 Switching Protocols');
    expect(echo).toBe('hello');
    expect((await upgrade(4444)).echo).toContain('port is not open');
  });

  it('drops streams on pause, answers 502 while paused, and at once after resume', async () => {
    const answer = await open('/events');
    answer.resume();
    const ended = new Promise((resolve) => answer.once('close', resolve));
    answer.on('error', () => {});
    await sandbox.pause();
    await ended;
    expect((await call('/')).status).toBe(502);
    expect((await sandbox.getInfo()).state).toBe('paused');
    await Sandbox.connect(sandbox.sandboxId, engine.connection);
    expect((await call('/')).status).toBe(200);
  });

  it('wakes a sandbox that asked for it, but not by a health check', async () => {
    const eager = await Sandbox.create('base', {
      ...engine.connection,
      lifecycle: { onTimeout: 'pause', autoResume: true },
    });
    await eager.pause();
    expect(await eager.isRunning()).toBe(false);
    expect((await eager.getInfo()).state).toBe('paused');
    expect((await call('/', { id: eager.sandboxId, port: 5000 })).status).toBe(502);
    expect((await eager.getInfo()).state).toBe('running');
    await eager.kill();
  });

  it('asks for the traffic token where ports are not public, and wakes nobody without it', async () => {
    const closed = await Sandbox.create('base', {
      ...engine.connection,
      network: { allowPublicTraffic: false },
      lifecycle: { onTimeout: 'pause', autoResume: true },
    });
    const id = closed.sandboxId;
    const token = closed.trafficAccessToken ?? '';
    const ask = async (headers: Record<string, string>) => {
      const { status, text } = await call('/', { id, headers });
      return [status, JSON.parse(text).message];
    };
    expect((await closed.commands.run('echo ok')).stdout).toBe('ok\n');
    await closed.pause();
    const secured = 'Sandbox is secured with traffic access token.';
    expect(await ask({})).toEqual([403, `${secured} Token header 'e2b-traffic-access-token' is missing`]);
    expect(await ask({ 'e2b-traffic-access-token': 'x' })).toEqual([
      403,
      `${secured} Provided token in header 'e2b-traffic-access-token' is invalid`,
    ]);
    expect((await closed.getInfo()).state).toBe('paused');
    expect((await ask({ 'e2b-traffic-access-token': token }))[0]).toBe(502);
    expect((await closed.getInfo()).state).toBe('running');
    await closed.kill();
  });

  it('shows a page to browsers', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0' };
    const page = await call('/', { port: 4444, headers });
    expect(page).toMatchObject({ status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.text).toMatch(/^<html[\s\S]*no service running on port[\s\S]*4444[\s\S]*<\/html>$/);
    expect((await call('/', { id: 'inone', headers })).text).toContain('Sandbox Not Found');
  });

  it('keeps what the engine asks of envd from everybody else', async () => {
    for (const path of ['/init', '//init', '/%69nit', `http://x/init`]) {
      const headers = { 'x-access-token': sandbox['envdAccessToken'] as string };
      const answer = await call(path, { port: 49_983, method: 'POST', headers, body: Buffer.from('{}') });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it('masks the host, and speaks TLS with ports that ask for it', async () => {
    const masked = await Sandbox.create('base', {
      ...engine.connection,
      network: { maskRequestHost: 'localhost:${PORT}', httpsPorts: [3443] },
    });
    const { certificate: cert, privateKey: key } = await createAuthority('Test', Date.now());
    const tls = SERVER.replace("require('http')", "require('https')").replace(
      'createServer((',
      `createServer(${JSON.stringify({ cert, key })}, (`,
    );
    await masked.files.write('server.cjs', SERVER);
    await masked.files.write('tls.cjs', tls);
    await masked.commands.run('/.engine/node server.cjs 3000 127.0.0.1', { background: true });
    await masked.commands.run('/.engine/node tls.cjs 3443 127.0.0.1', { background: true });
    const id = masked.sandboxId;
    for (const port of [3000, 3443]) {
      await expect.poll(async () => (await call('/', { id, port })).status, { timeout: 10_000 }).toBe(200);
      const { headers } = JSON.parse((await call('/', { id, port, method: 'POST', body: Buffer.from('x') })).text);
      const original = `${port}-${id}.sandbox.localhost`;
      expect(headers).toMatchObject({ host: `localhost:${port}`, 'x-forwarded-host': original });
      expect((await upgrade(port, id)).echo).toBe('hello');
    }
    expect((await masked.getInfo()).network).toMatchObject({ httpsPorts: [3443] });
    await masked.kill();
  });

  it('finds the sandbox of a signed file URL', async () => {
    await sandbox.files.write('signed.txt', 'by signature');
    const url = await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: 60_000 });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('by signature');
    expect((await fetch(url.replace('signed.txt', 'other.txt'))).status).toBeGreaterThanOrEqual(400);
  });
});
