import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';
import { TEST_SERVER } from './support/test-server.ts';

const BIG = 5 * 1024 * 1024;

inEverySetting('ports of a sandbox', ({ create, urlOf }) => {
  let sandbox: Sandbox;
  let url: string;
  const serve = async (target: Sandbox, port: number, address: string) => {
    await target.files.write('server.cjs', TEST_SERVER);
    await target.commands.run(`/.engine/node server.cjs ${port} ${address}`, { background: true });
  };
  beforeAll(async () => {
    sandbox = await create();
    url = urlOf(sandbox, 3000);
    await Promise.all([serve(sandbox, 3000, '0.0.0.0'), serve(sandbox, 3001, '127.0.0.1')]);
    for (const port of [3000, 3001]) {
      await waitUntil(async () => (await fetch(urlOf(sandbox, port))).ok, 10_000, 20);
    }
  });

  it('have a name each, with the id of the sandbox in it', () => {
    expect(sandbox.getHost(3000)).toMatch(new RegExp(`^3000-${sandbox.sandboxId}\\.`));
  });

  it.each([
    ['all addresses', 3000],
    ['127.0.0.1 alone', 3001],
  ])('lead to a server on %s', async (_, port) => {
    const answer = await fetch(`${urlOf(sandbox, port)}/a%2Fb?c=d%20e`);
    expect(await answer.json()).toMatchObject({ method: 'GET', url: '/a%2Fb?c=d%20e' });
  });

  it('pass methods, headers, bodies and statuses both ways', async () => {
    const body = randomBytes(BIG);
    const answer = await fetch(`${url}/teapot`, { method: 'PUT', body, headers: { 'x-mine': 'mine' } });
    expect(answer.status).toBe(418);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.json()).toMatchObject({
      method: 'PUT',
      headers: { 'x-mine': 'mine', host: sandbox.getHost(3000) },
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('x-seen'), await head.text()]).toEqual([200, 'yes', '']);
  });

  it('hand redirects to the client', async () => {
    const answer = await fetch(`${url}/redirect`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1/elsewhere']);
  });

  it('stream events as they happen, and end with the client', async () => {
    const abort = new AbortController();
    const answer = await fetch(`${url}/events`, { signal: abort.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: 1\n\n');
    expect((await reader?.read())?.value).toContain('data: 2\n\n');
    abort.abort();
    await expect.poll(async () => (await fetch(`${url}/open`)).text()).toBe('0');
  });

  it.each([3000, 3001])('carry WebSockets (%i)', async (port) => {
    const socket = new WebSocket(`${urlOf(sandbox, port).replace(/^http/, 'ws')}/socket`);
    const echoes: string[] = [];
    socket.addEventListener('open', () => socket.send('one'));
    socket.addEventListener('message', ({ data }) => {
      echoes.push(String(data));
      if (echoes.length < 3) socket.send(`${data}+`);
    });
    await expect.poll(() => echoes).toEqual(['one', 'one+', 'one++']);
    socket.close();
  });

  it('say what is wrong when nothing answers', async () => {
    const { sandboxId } = sandbox;
    const closed = await fetch(urlOf(sandbox, 4444));
    expect(closed.status).toBe(502);
    expect(await closed.json()).toEqual({
      ...{ sandboxId, port: 4444, code: 502 },
      message: 'The sandbox is running but port is not open',
    });
    const gone = await fetch(urlOf(sandbox, 3000).replace(sandboxId, 'inobody'));
    expect(gone.status).toBe(502);
    expect(await gone.json()).toEqual({ sandboxId: 'inobody', message: 'The sandbox was not found', code: 502 });
  });

  it('ask for the traffic token where they are not public', async () => {
    const closed = await create({ network: { allowPublicTraffic: false } });
    await serve(closed, 3000, '0.0.0.0');
    const call = (token?: string) =>
      fetch(urlOf(closed, 3000), { headers: token === undefined ? {} : { 'e2b-traffic-access-token': token } });
    expect(closed.trafficAccessToken).toMatch(/./);
    await expect.poll(async () => (await call(closed.trafficAccessToken)).status).toBe(200);
    expect((await call()).status).toBe(403);
    expect((await call('another')).status).toBe(403);
    const seen = await call(closed.trafficAccessToken);
    expect(JSON.stringify(await seen.json())).not.toContain(closed.trafficAccessToken);
    expect(sandbox.trafficAccessToken).toBeUndefined();
    expect((await closed.getInfo()).network).toMatchObject({ allowPublicTraffic: false });
  });
});
