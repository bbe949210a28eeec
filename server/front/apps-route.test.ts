import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { appsLabel } from '../../lib/apps/origin.ts';
import { serverToken } from '../../lib/sandbox/index.ts';
import { eventually } from '../../lib/testing.ts';
import { browser, startTestFront, type TestFront, type TestMember } from './testing.ts';

let front: TestFront;
const { post } = browser(() => front);

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());
beforeEach(() => {
  front.sandbox.handle = (_req, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Shop</h1>');
});

const PAGE = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-site',
  accept: 'text/html',
};
const SCRIPT = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' };

type Answer = { status: number; headers: IncomingMessage['headers']; text: string };

/** PAGE, followed in Studio. */
const fromStudio = () => ({ ...PAGE, referer: `${front.origin}/` });

/** A request to the front with any Host, as `*.localhost` reaches it from a browser. */
async function visit(
  address: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const url = new URL(address);
  const { method = 'GET', headers = {}, body } = options;
  const req = httpRequest({
    ...{ host: '127.0.0.1', port: url.port, path: `${url.pathname}${url.search}`, method },
    headers: {
      host: url.host,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    },
  });
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of res.setEncoding('utf8')) text += String(chunk);
  return { status: res.statusCode ?? 0, headers: res.headers, text };
}

const originOf = ({ sandbox }: TestMember): string => {
  const { port } = new URL(front.origin);
  return `http://${appsLabel(front.context.settings, sandbox.id)}.apps.localhost:${port}`;
};

async function ticketOf(member: TestMember, name = 'shop'): Promise<string> {
  const answer = await post('/api/apps/open', { cookie: member.cookie }, JSON.stringify({ name }));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { url: string }).url;
}

/** A member whose browser has entered their app; `cookie` is that of the apps' origin. */
async function visitor() {
  const member = await front.member();
  const entered = await visit(await ticketOf(member), { headers: fromStudio() });
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { member, origin: originOf(member), cookie };
}

test('a click in Studio leads into the app by a ticket that is gone from the address', async () => {
  const member = await front.member();
  const url = await ticketOf(member);
  expect(url).toMatch(/^http:\/\/[0-9a-f]{32}\.apps\.localhost:\d+\/enter\?ticket=[\w-]{43}$/);
  expect(url).not.toContain(member.sandbox.sandbox_id ?? '-');
  const entered = await visit(url, { headers: fromStudio() });
  expect(entered.status).toBe(302);
  expect(entered.headers).toMatchObject({
    location: '/apps/shop/',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'set-cookie': [expect.stringMatching(/^shmastra-app=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/)],
  });
});

test('the app is served by the own sandbox, with its token and without cookies', async () => {
  const { member, origin, cookie } = await visitor();
  let seen: IncomingMessage | undefined;
  front.sandbox.handle = (req, res) => {
    seen = req;
    res.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=1', 'service-worker-allowed': '/' });
    res.end('<h1>Shop</h1>');
  };
  const page = await visit(`${origin}/apps/shop/?x=1`, { headers: { ...PAGE, cookie: `${cookie}; other=1` } });
  expect([page.status, page.text]).toEqual([200, '<h1>Shop</h1>']);
  expect(seen?.url).toBe('/apps/shop/?x=1');
  expect(seen?.headers).toMatchObject({
    host: `4111-${member.sandbox.sandbox_id}.sandbox.localhost`,
    authorization: `Bearer ${serverToken(front.context.settings, member.sandbox)}`,
  });
  expect(seen?.headers.cookie).toBeUndefined();
  expect(page.headers['set-cookie']).toBeUndefined();
  expect(page.headers['service-worker-allowed']).toBeUndefined();
  expect(page.headers['content-security-policy']).toContain("connect-src 'self'");
  expect((await visit(`${origin}/apps/shop`, { headers: { ...PAGE, cookie } })).headers.location).toBe('/apps/shop/');
});

test('its calls reach the project, by POST from its own pages only', async () => {
  const { origin, cookie } = await visitor();
  const call = (from: string) =>
    visit(`${origin}/api/agents/hello/generate`, {
      method: 'POST',
      body: '{}',
      headers: { ...SCRIPT, cookie, origin: from },
    });
  expect((await call(origin)).status).toBe(200);
  for (const foreign of [front.origin, 'http://apps.localhost', `${origin}0`, 'null']) {
    expect((await call(foreign)).status).toBe(403);
  }
  const foreignRead = { ...SCRIPT, cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
  expect((await visit(`${origin}/api/agents`, { headers: foreignRead })).status).toBe(403);
});

test.each([
  '/__shmastra/v1/info',
  '/__shmastra/events',
  '/health',
  '/studio/agents',
  '/',
  '/sign-in',
  '/apps/',
  '/enter/x',
])('%s is nothing that an app reaches', async (path) => {
  const { origin, cookie } = await visitor();
  let asked = false;
  front.sandbox.handle = (_req, res) => {
    asked = true;
    res.end();
  };
  const answer = await visit(`${origin}${path}`, { headers: { ...SCRIPT, cookie } });
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    404,
    { error: expect.objectContaining({ code: 'app_not_found' }) as unknown },
  ]);
  expect(asked).toBe(false);
});

test('a ticket works once, at its own origin, and only by a navigation', async () => {
  const [one, two] = [await front.member(), await front.member()];
  const url = new URL(await ticketOf(one));
  for (const headers of [{ ...PAGE, 'sec-fetch-dest': 'iframe' }, SCRIPT, { ...PAGE, 'sec-purpose': 'prefetch' }]) {
    expect((await visit(url.href, { headers })).status).toBe(403);
  }
  expect((await visit(url.href, { method: 'HEAD', headers: PAGE })).status).toBe(403);
  const racing = await Promise.all(Array.from({ length: 8 }, () => visit(url.href, { headers: fromStudio() })));
  expect(racing.map(({ status }) => status).toSorted()).toEqual([302, ...Array.from({ length: 7 }, () => 401)]);
  const elsewhere = `${originOf(two)}/enter${new URL(await ticketOf(one)).search}`;
  const answer = await visit(elsewhere, { headers: fromStudio() });
  expect(answer.status).toBe(401);
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test.each(['cross-site', 'same-site', 'none'])(
  'a link from elsewhere (%s) asks the person before it opens an app',
  async (site) => {
    const member = await front.member();
    const origin = originOf(member);
    const url = new URL(await ticketOf(member));
    for (const referer of ['', 'https://evil.example/', `${origin}/apps/shop/`]) {
      const headers = { ...PAGE, 'sec-fetch-site': site, ...(referer === '' ? {} : { referer }) };
      const asked = await visit(url.href, { headers });
      expect([asked.status, asked.headers['set-cookie']]).toEqual([200, undefined]);
      expect(asked.text).toContain('Open this app?');
      expect(asked.headers['content-security-policy']).toContain("form-action 'self'; frame-ancestors 'none'");
    }
    const post = (from: string) =>
      visit(`${origin}/enter`, {
        method: 'POST',
        headers: { ...PAGE, 'content-type': 'application/x-www-form-urlencoded', origin: from },
        body: url.search.slice(1),
      });
    for (const from of [front.origin, 'null', 'https://evil.example']) expect((await post(from)).status).toBe(403);
    const entered = await post(origin);
    expect([entered.status, entered.headers.location]).toEqual([302, '/apps/shop/']);
    expect((await post(origin)).status).toBe(401);
  },
);

test('a ticket is good for a minute and keeps nothing that opens a door in the database', async () => {
  const member = await front.member();
  const url = await ticketOf(member);
  const { db } = front.context.database;
  const [row] = await db.selectFrom('app_tickets').selectAll().where('user_id', '=', member.userId).execute();
  const ticket = new URL(url).searchParams.get('ticket') ?? '';
  expect(row?.token_hash.toString('base64url')).not.toBe(ticket);
  expect((row?.expires_at.getTime() ?? 0) - (row?.created_at.getTime() ?? 0)).toBeLessThanOrEqual(61_000);
  await db
    .updateTable('app_tickets')
    .set({ expires_at: new Date(0) })
    .where('user_id', '=', member.userId)
    .execute();
  expect((await visit(url, { headers: fromStudio() })).status).toBe(401);
});

test('opening needs a session, our own page, a name and a workspace, and is not for the hundredth time a minute', async () => {
  const { cookie } = await front.member();
  const open = (headers: Record<string, string>, body: string) => post('/api/apps/open', headers, body);
  expect((await open({}, '{"name":"shop"}')).status).toBe(401);
  expect((await open({ cookie, origin: 'http://x.apps.localhost' }, '{"name":"shop"}')).status).toBe(403);
  for (const body of ['{"name":"../x"}', '{"name":"a.js"}', '{}', 'shop']) {
    expect((await open({ cookie }, body)).status).toBe(400);
  }
  expect((await fetch(`${front.origin}/api/apps/open`, { headers: { cookie } })).status).toBe(405);
  const many = await Promise.all(Array.from({ length: 30 }, () => open({ cookie }, '{"name":"shop"}')));
  expect(many.some(({ status }) => status === 429)).toBe(true);
});

test.each([
  ['without a cookie', () => ''],
  ['with a made-up cookie', () => `shmastra-app=${'a'.repeat(43)}`],
  ["with the cookie of another person's apps", (other: string) => other],
])('%s a person reads how to open the app, and a script gets 401', async (_how, cookieOf) => {
  const other = await visitor();
  const origin = originOf(await front.member());
  const cookie = cookieOf(other.cookie);
  const page = await visit(`${origin}/apps/shop/`, { headers: { ...PAGE, cookie } });
  expect(page.status).toBe(401);
  expect(page.text).toContain('Open it from the list of apps');
  expect(page.text).toContain(`${front.origin}/studio/agents`);
  const script = await visit(`${origin}/api/agents`, { headers: { ...SCRIPT, cookie } });
  expect(JSON.parse(script.text)).toMatchObject({ error: { code: 'app_not_open' } });
  const unknown = originOf({ sandbox: { id: 'nobody' } } as TestMember);
  expect((await visit(`${unknown}/apps/shop/`, { headers: { ...PAGE, cookie } })).text).toBe(page.text);
});

test('a cookie that somebody else set beside the own one locks nobody out', async () => {
  const { origin, cookie } = await visitor();
  const headers = { ...PAGE, cookie: `shmastra-app=${'b'.repeat(43)}; ${cookie}` };
  expect((await visit(`${origin}/apps/shop/`, { headers })).status).toBe(200);
});

test.each(['signs out', 'is disabled'] as const)('the app closes when its person %s, streams too', async (how) => {
  const { member, origin, cookie } = await visitor();
  front.sandbox.handle = (req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    if (req.url === '/api/stream') res.write('data: 1\n\n');
    else res.end();
  };
  const cut = visit(`${origin}/api/stream`, { headers: { ...SCRIPT, cookie } }).catch((error: Error) => error.message);
  expect((await visit(`${origin}/api/agents`, { headers: { ...SCRIPT, cookie } })).status).toBe(200);
  const { db } = front.context.database;
  if (how === 'signs out') await db.deleteFrom('identity.session').where('userId', '=', member.userId).execute();
  else await db.updateTable('users').set({ disabled_at: new Date() }).where('id', '=', member.userId).execute();
  expect(await cut).toBe('aborted');
  await eventually(
    async () => (await visit(`${origin}/apps/shop/`, { headers: { ...SCRIPT, cookie } })).status === 401,
    1000,
  );
});

test('a session of the apps has an end of its own', async () => {
  const { member, origin, cookie } = await visitor();
  const ended = { expires_at: new Date(Date.now() - 1000) };
  await front.context.database.db.updateTable('app_sessions').set(ended).where('user_id', '=', member.userId).execute();
  expect((await visit(`${origin}/apps/shop/`, { headers: { ...PAGE, cookie } })).status).toBe(401);
});

test('sleep is as for Studio: a poll wakes nothing, a person and a write do', async () => {
  const { member, origin, cookie } = await visitor();
  const engine = front.context.engine.sandboxes.get(member.sandbox.sandbox_id ?? '');
  const sleep = async () => {
    if (engine) engine.state = 'paused';
    await front.context.database.db
      .updateTable('sandboxes')
      .set({ status: 'paused' })
      .where('id', '=', member.sandbox.id)
      .execute();
    await eventually(
      async () => (await visit(`${origin}/api/agents`, { headers: { ...SCRIPT, cookie } })).status === 503,
    );
  };
  await sleep();
  const poll = await visit(`${origin}/api/agents`, { headers: { ...SCRIPT, cookie } });
  expect(JSON.parse(poll.text)).toMatchObject({ error: { code: 'sandbox_paused' } });
  expect(engine?.state).toBe('paused');
  expect((await visit(`${origin}/apps/shop/`, { headers: { ...PAGE, cookie } })).status).toBe(200);
  expect(engine?.state).toBe('running');
  await sleep();
  const write = { method: 'POST', body: '{}', headers: { ...SCRIPT, cookie, origin } };
  expect((await visit(`${origin}/api/agents/a/generate`, write)).status).toBe(200);
  expect(engine?.state).toBe('running');
});

test('a sandbox that is not ready says so on a page', async () => {
  const { member, origin, cookie } = await visitor();
  const broken = { status: 'broken' as const, error_code: 'test' };
  await front.context.database.db.updateTable('sandboxes').set(broken).where('id', '=', member.sandbox.id).execute();
  const page = await eventually(async () => {
    const answer = await visit(`${origin}/apps/shop/`, { headers: { ...PAGE, cookie } });
    return answer.status === 503 && answer;
  });
  expect(page.text).toContain(`${front.origin}/workspace`);
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('there are no sockets and no service workers', async () => {
  const { origin, cookie } = await visitor();
  const { port, host } = new URL(origin);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/mastra/x`, { headers: { host, cookie, origin } });
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('404');
  const worker = { ...SCRIPT, cookie, 'sec-fetch-dest': 'serviceworker', 'service-worker': 'script' };
  expect((await visit(`${origin}/apps/shop/sw.js`, { headers: worker })).status).toBe(403);
});

test("the control plane's session is worth nothing at an app, nor the app's at the control plane", async () => {
  const { member, origin, cookie } = await visitor();
  expect((await visit(`${origin}/apps/shop/`, { headers: { ...PAGE, cookie: member.cookie } })).status).toBe(401);
  expect((await visit(`${front.origin}/api/mastra/api/agents`, { headers: { ...SCRIPT, cookie } })).status).toBe(401);
  const fromApp = { ...SCRIPT, cookie: member.cookie, origin, 'sec-fetch-site': 'same-site' };
  for (const path of ['/api/mastra/api/agents', '/api/activity', '/api/apps/open']) {
    const answer = await visit(`${front.origin}${path}`, { method: 'POST', body: '{}', headers: fromApp });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
  expect((await visit(`${front.origin}/api/mastra/api/agents`, { headers: fromApp })).status).toBe(403);
});

test('where nobody set APPS_DOMAIN for people from other machines, opening says so', async () => {
  const remote = await startTestFront({ PUBLIC_URL: 'https://studio.example.com' });
  try {
    const { cookie } = await remote.member();
    const answer = await fetch(`${remote.origin}/api/apps/open`, {
      method: 'POST',
      headers: { cookie, origin: 'https://studio.example.com' },
      body: '{"name":"shop"}',
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 'apps_not_reachable' } });
  } finally {
    await remote.close();
  }
});
