import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestEngine } from '../testing/engine.ts';

const Created = z.object({
  sandboxID: z.string(),
  templateID: z.string(),
  envdVersion: z.string(),
  envdAccessToken: z.string(),
});
const Info = z.object({ state: z.string(), startedAt: z.string(), endAt: z.string() });

describe('the API, without the SDK', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine?.dispose());

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${engine.url}${path}`, {
      method,
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  it('answers /health to everybody, and nothing else', async () => {
    expect((await call('GET', '/health', undefined, { 'x-api-key': '' })).status).toBe(200);
    for (const path of ['/v2/sandboxes', '/sandboxes/x', '/templates/aliases/x', '/nothing']) {
      const answer = await call('GET', path, undefined, { 'x-api-key': '' });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ code: 401, message: 'Invalid API key' });
    }
  });

  it.each([
    ['GET', '/nothing', undefined, 404],
    ['PATCH', '/sandboxes', undefined, 404],
    ['GET', '/sandboxes/none', undefined, 404],
    ['DELETE', '/sandboxes/none', undefined, 404],
    ['POST', '/sandboxes/none/pause', {}, 404],
    ['POST', '/sandboxes/none/resume', {}, 404],
    ['POST', '/v2/sandboxes', '{', 400],
    ['POST', '/v2/sandboxes', {}, 400],
    ['POST', '/v2/sandboxes', { templateID: 'base', timeout: 0 }, 400],
    ['POST', '/v2/sandboxes', { templateID: 'base', metadata: { a: 'x'.repeat(2_000_000) } }, 413],
    ['POST', '/v2/sandboxes', { templateID: 'nosuch' }, 404],
    ['GET', '/v2/sandboxes?limit=0', undefined, 400],
  ])('%s %s is refused with a numeric code', async (method, path, body, status) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ code: status, message: expect.stringMatching(/./) });
  });

  it('serves both versions of create, connect and list', async () => {
    const v1 = Created.parse(await (await call('POST', '/sandboxes', { templateID: 'base', secure: true })).json());
    const v2 = Created.parse(
      await (await call('POST', '/v2/sandboxes', { templateID: 'base', autoPause: true })).json(),
    );
    const ttl = async (id: string) => {
      const info = Info.parse(await (await call('GET', `/sandboxes/${id}`)).json());
      return (Date.parse(info.endAt) - Date.now()) / 1000;
    };
    expect(await ttl(v1.sandboxID)).toBeLessThan(16);
    expect(await ttl(v2.sandboxID)).toBeGreaterThan(250);
    expect((await call('POST', `/sandboxes/${v1.sandboxID}/connect`, { timeout: 100 })).status).toBe(200);
    expect(await ttl(v1.sandboxID)).toBeGreaterThan(90);
    expect((await call('POST', `/sandboxes/${v1.sandboxID}/timeout`, { timeout: 20 })).status).toBe(204);
    expect(await ttl(v1.sandboxID)).toBeLessThan(21);

    expect((await call('POST', `/sandboxes/${v2.sandboxID}/pause`, {})).status).toBe(204);
    expect((await call('POST', `/sandboxes/${v2.sandboxID}/pause`)).status).toBe(409);
    expect((await call('POST', `/sandboxes/${v2.sandboxID}/timeout`, { timeout: 20 })).status).toBe(409);
    const ids = async (path: string) =>
      z
        .array(z.object({ sandboxID: z.string() }))
        .parse(await (await call('GET', path)).json())
        .map((item) => item.sandboxID);
    expect(await ids('/sandboxes')).toEqual([v1.sandboxID]);
    expect(await ids('/v2/sandboxes')).toEqual([v2.sandboxID, v1.sandboxID]);
    expect((await call('POST', `/v2/sandboxes/${v2.sandboxID}/connect`, { timeout: 50 })).status).toBe(201);
    expect((await call('POST', `/sandboxes/${v2.sandboxID}/resume`, {})).status).toBe(409);
    expect(await ttl(v2.sandboxID)).toBeLessThan(51);
    expect((await call('POST', `/sandboxes/${v2.sandboxID}/refreshes`, { duration: 10 })).status).toBe(204);
    expect(await ttl(v2.sandboxID)).toBeGreaterThan(40);
    expect((await call('POST', `/sandboxes/${v2.sandboxID}/refreshes`, { duration: 100 })).status).toBe(204);
    expect(await ttl(v2.sandboxID)).toBeGreaterThan(90);
    expect((await call('GET', `/sandboxes/${v2.sandboxID}-local`)).status).toBe(200);
    expect((await call('GET', '/v2/sandboxes')).headers.get('x-total-running')).toBe('2');
    for (const { sandboxID } of [v1, v2]) expect((await call('DELETE', `/sandboxes/${sandboxID}`)).status).toBe(204);
  });

  it('measures running sandboxes', async () => {
    const { sandboxID: id } = Created.parse(await (await call('POST', '/v2/sandboxes', { templateID: 'base' })).json());
    const begun = Math.floor(Date.now() / 1000);
    const metrics = async (query = '') => (await call('GET', `/sandboxes/${id}/metrics${query}`)).json();
    await expect.poll(() => metrics(), { timeout: 15_000, interval: 200 }).not.toEqual([]);
    const [first] = z.array(z.record(z.string(), z.unknown())).parse(await metrics(`?start=${begun - 10}`));
    expect(first).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      timestampUnix: expect.any(Number),
      cpuCount: 2,
      cpuUsedPct: expect.any(Number),
      memUsed: expect.any(Number),
      memCache: expect.any(Number),
      memTotal: 1024 ** 3,
      diskUsed: expect.any(Number),
      diskTotal: expect.any(Number),
    });
    for (const field of ['cpuUsedPct', 'memUsed', 'diskUsed', 'diskTotal']) expect(first?.[field]).toBeGreaterThan(0);
    expect(await metrics(`?start=${begun - 7200}&end=${begun - 3600}`)).toEqual([]);
    expect((await call('GET', `/sandboxes/${id}/metrics?start=5&end=4`)).status).toBe(400);
    const list = await (await call('GET', `/sandboxes/metrics?sandbox_ids=${id},inone`)).json();
    expect(list).toEqual({ sandboxes: { [id]: expect.objectContaining({ cpuCount: 2 }) } });
    expect((await call('GET', '/sandboxes/metrics')).status).toBe(400);
    expect(await (await call('GET', '/sandboxes/inone/metrics')).json()).toEqual([]);
    await call('DELETE', `/sandboxes/${id}`);
  });

  it('gives envd’s token to those who have none, only where create did not ask for security', async () => {
    const create = async (body: object) => {
      const created: unknown = await (
        await call('POST', '/sandboxes', { templateID: 'base', timeout: 60, ...body })
      ).json();
      return z.object({ sandboxID: z.string(), envdAccessToken: z.string().optional() }).parse(created);
    };
    const [open, secure] = await Promise.all([create({}), create({ secure: true })]);
    expect([open.envdAccessToken, typeof secure.envdAccessToken]).toEqual([undefined, 'string']);
    const list = async (id: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${engine.url}/process.Process/List`, {
        method: 'POST',
        headers: { 'e2b-sandbox-id': id, 'e2b-sandbox-port': '49983', 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      return answer.status;
    };
    expect(await list(open.sandboxID)).toBe(200);
    expect(await list(open.sandboxID, { 'x-access-token': 'wrong' })).toBe(401);
    expect(await list(secure.sandboxID)).toBe(401);
    for (const { sandboxID } of [open, secure]) await call('DELETE', `/sandboxes/${sandboxID}`);
  });

  it.each([
    ['GET', '/sandboxes/Bad_Id', undefined, 400, 'Invalid sandbox ID'],
    [
      'GET',
      '/sandboxes/inone-client',
      undefined,
      404,
      'Sandbox "inone" doesn\'t exist or you don\'t have access to it',
    ],
    ['POST', '/sandboxes/inone/connect', { timeout: 3 * 86_400 }, 400, 'Timeout cannot be greater than 24 hours'],
    ['GET', '/v2/sandboxes/inone/logs', undefined, 501, 'Logs of sandboxes: not part of this engine'],
    ['GET', '/teams', undefined, 501, 'Teams: not part of this engine'],
    ['GET', '//', undefined, 400, 'the path is not a URL'],
  ])('%s %s answers as E2B does', async (method, path, body, status, message) => {
    const answer = await call(method, path, body);
    expect([answer.status, await answer.json()]).toEqual([status, { code: status, message }]);
  });

  it('tells of states in the words of E2B', async () => {
    const { sandboxID: id } = Created.parse(await (await call('POST', '/v2/sandboxes', { templateID: 'base' })).json());
    const message = async (verb: string) => {
      const answer = await call('POST', `/sandboxes/${id}/${verb}`, {});
      return [answer.status, z.object({ message: z.string() }).parse(await answer.json()).message];
    };
    expect(await message('resume')).toEqual([409, `Sandbox ${id} is already running`]);
    await call('POST', `/sandboxes/${id}/pause`, {});
    expect(await message('pause')).toEqual([409, `Error pausing sandbox - sandbox '${id}' is already paused`]);
    await call('DELETE', `/sandboxes/${id}`);
  });
});
