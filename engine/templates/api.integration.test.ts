import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

const Requested = z.object({ templateID: z.string(), buildID: z.string(), tags: z.array(z.string()) });
const Status = z.object({
  status: z.string(),
  logEntries: z.array(
    z.object({ timestamp: z.string(), level: z.string(), message: z.string(), step: z.string().optional() }),
  ),
  reason: z.object({ step: z.string(), message: z.string(), logEntries: z.array(z.unknown()) }).optional(),
});

describe('the template API, without the SDK', () => {
  let engine: TestEngine;
  let first: z.infer<typeof Requested>;

  beforeAll(async () => {
    engine = await TestEngine.start();
    first = await build({ name: 'Demo:V1', tags: ['prod', 'PROD'] }, ['echo from the build']);
    await ended(first);
  });
  afterAll(() => engine?.dispose());

  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${engine.url}${path}`, {
      method,
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const json = async (method: string, path: string, body?: unknown): Promise<unknown> =>
    (await call(method, path, body)).json();

  async function build(request: object, commands: string[]) {
    const requested = Requested.parse(await json('POST', '/v3/templates', request));
    const steps = commands.map((command) => ({ type: 'RUN', args: [command], force: false }));
    const path = `/v2/templates/${requested.templateID}/builds/${requested.buildID}`;
    expect((await call('POST', path, { fromTemplate: 'base', steps })).status).toBe(202);
    expect(await json('POST', path, { fromTemplate: 'base', steps })).toMatchObject({
      code: 400,
      message: 'build is not in waiting state',
    });
    return requested;
  }

  const status = async ({ templateID, buildID }: typeof first, query = '') =>
    Status.parse(await json('GET', `/templates/${templateID}/builds/${buildID}/status${query}`));

  async function ended(requested: typeof first) {
    await waitUntil(async () => /^(ready|error)$/.test((await status(requested)).status), 60_000, 100);
    return status(requested);
  }

  it('keeps names and tags in lower case, each once', async () => {
    expect(first.tags.toSorted()).toEqual(['prod', 'v1']);
    const tags = z
      .array(z.object({ tag: z.string(), buildID: z.string() }))
      .parse(await json('GET', `/templates/demo/tags`));
    expect(tags.map(({ tag }) => tag).toSorted()).toEqual(['prod', 'v1']);
    for (const name of ['demo:v1', 'DEMO:Prod', `${first.templateID}:v1`]) {
      expect(await json('GET', `/templates/aliases/${encodeURIComponent(name)}`)).toEqual({
        templateID: first.templateID,
        public: false,
      });
    }
    expect(await json('GET', '/templates/aliases/demo:v9')).toEqual({
      code: 404,
      message: "tag 'v9' does not exist for template 'demo'",
    });
  });

  it('assigns and removes tags', async () => {
    const assigned = await json('POST', '/templates/tags', { target: 'demo:v1', tags: ['Stable', 'stable'] });
    expect(assigned).toEqual({ buildID: first.buildID, tags: ['stable'] });
    const created = await call('POST', '/sandboxes', { templateID: 'demo:stable' });
    expect(created.status).toBe(201);
    expect((await call('DELETE', '/templates/tags', { name: 'demo', tags: ['stable'] })).status).toBe(204);
    expect((await call('POST', '/sandboxes', { templateID: 'demo:stable' })).status).toBe(404);
  });

  it.each([
    ['POST', '/templates/tags', { target: 'demo:v1', tags: [] }, 400, 'At least one tag is required'],
    ['POST', '/templates/tags', { target: 'demo:v9', tags: ['a'] }, 404, "Template 'demo:v9' with tag 'v9' not found"],
    ['POST', '/templates/tags', { target: 'none', tags: ['a'] }, 404, "template 'none' not found"],
    [
      'POST',
      '/templates/tags',
      { target: 'demo:v1', tags: ['a b'] },
      400,
      "Invalid tag: invalid tag 'a b': invalid tag: a b",
    ],
    ['DELETE', '/templates/tags', { name: 'demo', tags: ['default'] }, 400, "Cannot delete the 'default' tag"],
    [
      'DELETE',
      '/templates/tags',
      { name: 'demo:v1', tags: ['a'] },
      400,
      "Template name should not contain a tag, use the 'tags' field instead",
    ],
    ['POST', '/v3/templates', {}, 400, 'Name is required'],
    ['POST', '/v3/templates', { name: 'a b' }, 400, 'Invalid name: invalid template ID: a b'],
    ['GET', '/templates/none', undefined, 404, 'Template none not found'],
    ['GET', '/templates/demo/builds/x/status', undefined, 400, 'Invalid build id'],
    ['GET', '/v2/templates?nextToken=x', undefined, 400, 'Invalid next token'],
    ['DELETE', '/templates/none', undefined, 404, "template 'none' not found"],
    ['GET', '/templates/%ff', undefined, 400, 'the path is not a URL'],
  ])('%s %s %j is refused', async (method, path, body, code, message) => {
    expect(await json(method, path, body)).toEqual({ code, message });
  });

  it('pages through a log, by level and from both ends', async () => {
    const { logEntries } = await status(first);
    const own = logEntries.find(({ message }) => message.includes('from the build'));
    expect(own).toMatchObject({ level: 'info', timestamp: expect.stringMatching(/Z$/) });
    expect((await status(first, '?logsOffset=1&limit=2')).logEntries).toEqual(logEntries.slice(1, 3));
    expect((await status(first, '?level=error')).logEntries).toEqual([]);
    const logs = `/templates/${first.templateID}/builds/${first.buildID}/logs`;
    expect(await json('GET', `${logs}?limit=3`)).toEqual({ logs: logEntries.slice(0, 3) });
    expect(await json('GET', `${logs}?direction=backward&limit=2`)).toEqual({
      logs: logEntries.slice(-2).toReversed(),
    });
    const until = Date.parse(logEntries[0]?.timestamp ?? '') - 1;
    expect(await json('GET', `${logs}?direction=backward&cursor=${until}`)).toEqual({ logs: [] });
  });

  it('says where and why a build failed', async () => {
    const { status: outcome, reason } = await ended(await build({ name: 'broken' }, ['true', 'echo bad >&2; exit 3']));
    expect(outcome).toBe('error');
    expect(reason).toMatchObject({ step: '2', message: expect.stringContaining('exit status 3') });
    expect(reason?.logEntries.length).toBeGreaterThan(0);
  });

  it('lists, changes and deletes', async () => {
    const list = z.array(z.object({ names: z.array(z.string()), public: z.boolean() }));
    const page = await call('GET', '/v2/templates?limit=1');
    const next = page.headers.get('x-next-token');
    expect(list.parse(await page.json())).toMatchObject([{ names: ['broken'] }]);
    expect(list.parse(await json('GET', `/v2/templates?nextToken=${next}`))).toMatchObject([{ names: ['demo'] }]);
    expect(await json('PATCH', '/v2/templates/demo', { public: true })).toEqual({ names: ['demo'] });
    expect(await json('GET', '/templates/demo')).toMatchObject({
      public: true,
      builds: [{ buildID: first.buildID, status: 'ready' }],
    });
    expect((await call('DELETE', '/templates/demo')).status).toBe(204);
    expect((await call('GET', '/templates/demo')).status).toBe(404);
  });
});
