import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createInvitation } from '../lib/auth/invitations.ts';
import { createSetupUrl } from '../lib/auth/setup.ts';
import { createTestContext, type TestContext } from '../lib/testing.ts';
import { buildPages } from '../local/builds.ts';
import { WebProcess } from './testing/web-process.ts';

const origin = 'http://cloud.example';
const secret = 'a secret of the tests that is long enough';
const password = 'correct horse';
const folder = mkdtempSync(join(tmpdir(), 'web-process-'));
const socketPath = join(folder, 'web.sock');

let context: TestContext;
let web: WebProcess;
let adminId: string;
let adminCookie: string;

beforeAll(async () => {
  await buildPages(
    { root: resolve(import.meta.dirname, '..'), env: { PATH: process.env['PATH'] ?? '' } },
    { signal: AbortSignal.timeout(240_000), onLine: () => {} },
  );
  context = await createTestContext({ env: { PUBLIC_URL: origin, AUTH_SECRET: secret } });
  web = new WebProcess({
    socketPath,
    origin,
    env: {
      DATABASE_URL: context.database.url,
      AUTH_SECRET: secret,
      DEPLOYMENT_ID: 'test-deployment',
      E2B_API_KEY: 'e2b_00',
      DEMO_MODEL_URL: 'http://127.0.0.1:9',
    },
  });
  if ((await web.start()) !== 'listening') throw new Error(web.output);
});

afterAll(async () => {
  await web?.end('SIGTERM');
  await context?.close();
  rmSync(folder, { recursive: true, force: true });
});

const token = (url: string | null) => new URL(url ?? '').searchParams.get('token') ?? '';
const signIn = (email: string, secretWord = password) =>
  web.call('/api/auth/sign-in', { json: { email, password: secretWord, returnTo: '/studio/agents' } });
const sandboxes = (email: string) =>
  context.database.db
    .selectFrom('sandboxes')
    .innerJoin('users', 'users.id', 'sandboxes.user_id')
    .where('users.email', '=', email)
    .select('sandboxes.status')
    .execute();

async function joinTeam(email: string): Promise<string> {
  const { url } = await createInvitation(context, { email, role: 'member', by: adminId });
  return (await web.call('/api/auth/accept-invitation', { json: { token: token(url), password } })).cookie;
}

describe('the first admin', () => {
  it('is waited for by the sign-in page, which has no form until then', async () => {
    const { status, body } = await web.call('/sign-in');
    expect([status, body]).toEqual([200, expect.stringContaining('Nobody is set up yet')]);
    expect(body).not.toContain('<form');
    // As when the page has forgotten the token and is loaded anew.
    const reloaded = await web.call('/setup');
    expect(reloaded.body).toContain('Open the link from the terminal once more.');
    expect(reloaded.body).not.toContain('href="/sign-in"');
  });

  it('is made by the set-up link, once, and has a workspace on its way', async () => {
    const setup = token(await createSetupUrl(context));
    expect((await web.call(`/setup?token=${setup}`)).body).toContain('Create the first admin');
    const json = { token: setup, email: 'ada@example.com', password };
    const made = await web.call('/api/auth/setup', { json });
    expect([made.status, JSON.parse(made.body)]).toEqual([200, { next: '/workspace' }]);
    expect(String(made.headers['set-cookie'])).toMatch(/HttpOnly/);
    expect(await sandboxes('ada@example.com')).toEqual([{ status: 'provisioning' }]);
    adminCookie = made.cookie;
    adminId = (await context.database.db.selectFrom('users').select('id').executeTakeFirstOrThrow()).id;

    const again = await web.call('/api/auth/setup', { json });
    expect([again.status, again.body]).toEqual([409, expect.stringContaining('already_set_up')]);
    expect((await web.call(`/setup?token=${setup}`)).body).toContain('There is an admin already');
  });

  it('sees the team, and a member gets the page that says who may', async () => {
    const page = await web.call('/team', { headers: { cookie: adminCookie } });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('Invite somebody')]);
    const member = await joinTeam('bob@example.com');
    const refused = await web.call('/team', { headers: { cookie: member } });
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('This page is for admins')]);
    const api = await web.call('/api/team/invitations', {
      headers: { cookie: member },
      json: { email: 'x@example.com' },
    });
    expect([api.status, api.body]).toEqual([403, expect.stringContaining('not_admin')]);
  });
});

describe('a lost password', () => {
  it('is set anew with a link that an admin makes for somebody else', async () => {
    const old = await joinTeam('grace@example.com');
    const { id } = await context.database.db
      .selectFrom('users')
      .where('email', '=', 'grace@example.com')
      .select('id')
      .executeTakeFirstOrThrow();
    const ask = (userId: string, cookie: string) =>
      web.call(`/api/team/members/${userId}/password-link`, { method: 'POST', headers: { cookie, origin } });
    expect((await ask(adminId, old)).status).toBe(403);
    expect([(await ask(adminId, adminCookie)).status, (await ask(id, adminCookie)).status]).toEqual([409, 201]);
    const made = JSON.parse((await ask(id, adminCookie)).body) as { url: string };
    const page = await web.call(`/password?token=${token(made.url)}`);
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('grace@example.com')]);

    const json = { token: token(made.url), password: 'another password' };
    const set = await web.call('/api/auth/set-password', { json });
    expect([set.status, JSON.parse(set.body)]).toEqual([200, { next: '/workspace' }]);
    expect((await web.call('/workspace', { headers: { cookie: set.cookie } })).status).toBe(200);
    expect((await signIn('grace@example.com')).status).toBe(401);
    expect((await web.call('/sign-in?notice=password_set')).body).toContain('Your password is set.');
    expect((await web.call(`/password?token=${token(made.url)}`)).body).toContain('This link does not work');
    const again = await web.call('/api/auth/set-password', { form: json });
    const location = `/password?token=${token(made.url)}&error=invalid_password_link`;
    expect([again.status, again.headers['location']]).toEqual([303, location]);
  });
});

describe('the account page', () => {
  it('changes the password of who is signed in, who stays so here alone', async () => {
    expect((await web.call('/account')).headers['location']).toBe('/sign-in?returnTo=%2Faccount');
    const here = await joinTeam('judy@example.com');
    const elsewhere = (await signIn('judy@example.com')).cookie;
    const page = await web.call('/account', { headers: { cookie: here } });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('Current password')]);
    const change = (current: string) =>
      web.call('/api/auth/change-password', {
        headers: { cookie: here },
        json: { current, password: 'another password' },
      });
    expect((await change('wrong')).body).toContain('wrong_password');
    const changed = await change(password);
    const { next } = JSON.parse(changed.body) as { next: string };
    expect((await web.call(next, { headers: { cookie: here } })).body).toContain('Your password is changed.');
    await expect.poll(async () => (await web.call('/account', { headers: { cookie: elsewhere } })).status).toBe(307);
    expect((await signIn('judy@example.com')).status).toBe(401);
    expect((await signIn('judy@example.com', 'another password')).status).toBe(200);
  });
});

describe('an invitation', () => {
  const linkFor = async (email: string) => {
    const answer = await web.call('/api/team/invitations', {
      headers: { cookie: adminCookie, origin },
      json: { email },
    });
    return token((JSON.parse(answer.body) as { url: string }).url);
  };
  const accept = async (email: string) =>
    web.call('/api/auth/accept-invitation', { json: { token: await linkFor(email), password } });

  it('lets somebody in for whose address many passwords were tried before', async () => {
    for (let attempt = 0; attempt < 9; attempt += 1) await signIn('heidi@example.com', 'wrong');
    expect((await signIn('heidi@example.com')).status).toBe(429);
    const answer = await accept('heidi@example.com');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { next: '/workspace' }]);
    expect((await web.call('/workspace', { headers: { cookie: answer.cookie } })).status).toBe(200);
  });

  it('leads to the sign-in page when the account is made and signing in does not work', async () => {
    const places = context.database.db.updateTable('rate_limits').where('key', 'like', 'sign-in-place:%');
    await places.set({ points: 1000 }).execute();
    const answer = await accept('ivan@example.com');
    await places.set({ points: 0 }).execute();
    const next = '/sign-in?email=ivan%40example.com&notice=account_made';
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { next }]);
    expect((await web.call(next)).body).toContain('Your account is made.');
    expect((await signIn('ivan@example.com')).status).toBe(200);
  });
});

describe('signing in', () => {
  it('goes where the person wants to be, and nowhere else', async () => {
    const answer = await signIn('ada@example.com');
    expect(JSON.parse(answer.body)).toEqual({ next: '/studio/agents' });
    for (const returnTo of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      const json = { email: 'ada@example.com', password, returnTo };
      expect(JSON.parse((await web.call('/api/auth/sign-in', { json })).body)).toEqual({ next: '/workspace' });
    }
  });

  it('works before the script of the page has loaded', async () => {
    const form = { email: 'ada@example.com', password, returnTo: '/workspace' };
    const right = await web.call('/api/auth/sign-in', { form });
    expect([right.status, right.headers['location']]).toEqual([303, '/workspace']);
    const wrong = await web.call('/api/auth/sign-in', { form: { ...form, password: 'wrong' } });
    expect(wrong.status).toBe(303);
    expect(wrong.headers['location']).toContain('error=wrong_credentials');
    expect(wrong.headers['location']).not.toContain('wrong&');
    expect((await web.call(String(wrong.headers['location']))).body).toContain(
      'The e-mail address or the password is wrong.',
    );
  });

  it('limits the rate and says how long', async () => {
    let last = await signIn('nobody@example.com', 'guess');
    for (let attempt = 0; attempt < 10 && last.status === 401; attempt += 1)
      last = await signIn('nobody@example.com', 'guess');
    expect([last.status, Number(last.headers['retry-after']) > 0]).toEqual([429, true]);
  });

  it('is the only way in: there is no open sign-up', async () => {
    for (const path of ['/api/auth/sign-up/email', '/api/auth/sign-up', '/api/auth/sign-in/email']) {
      const answer = await web.call(path, { json: { email: 'eve@example.com', password, name: 'Eve' } });
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/json']);
    }
  });

  it('ends: the cookie is removed and worth nothing any more', async () => {
    const { cookie } = await signIn('bob@example.com');
    const out = await web.call('/api/auth/sign-out', { headers: { cookie }, form: {} });
    expect([out.status, out.headers['location']]).toEqual([303, '/sign-in']);
    expect((await web.call('/api/workspace', { headers: { cookie } })).status).toBe(401);
  });
});

describe('members', () => {
  it('are shut out at once when they are disabled, and let in again', async () => {
    const cookie = await joinTeam('carol@example.com');
    const { id } = await context.database.db
      .selectFrom('users')
      .where('email', '=', 'carol@example.com')
      .select('id')
      .executeTakeFirstOrThrow();
    const set = (disabled: boolean) =>
      web.call(`/api/team/members/${id}`, { method: 'PATCH', headers: { cookie: adminCookie }, json: { disabled } });
    expect((await web.call('/api/workspace', { headers: { cookie } })).status).toBe(200);
    expect((await set(true)).status).toBe(200);
    await expect.poll(async () => (await web.call('/api/workspace', { headers: { cookie } })).status).toBe(401);
    expect((await signIn('carol@example.com')).body).toContain('account_disabled');
    const plain = await web.call('/api/auth/sign-in', { form: { email: 'carol@example.com', password } });
    expect(plain.headers['location']).toBe('/disabled');
    expect((await set(false)).status).toBe(200);
    expect((await signIn('carol@example.com')).status).toBe(200);
  });

  it('cannot be changed with input that makes no sense', async () => {
    const patch = (id: string, json: unknown) =>
      web.call(`/api/team/members/${id}`, { method: 'PATCH', headers: { cookie: adminCookie }, json });
    expect((await patch('not-an-id', { disabled: true })).status).toBe(404);
    expect((await patch(adminId, { role: 'king' })).status).toBe(400);
    expect((await patch(adminId, { disabled: true })).body).toContain('own_account');
    expect((await patch(adminId, { role: 'member' })).body).toContain('last_admin');
  });
});

describe('invitations', () => {
  it('are made, accepted once, and revoked through the API', async () => {
    const headers = { cookie: adminCookie };
    const made = await web.call('/api/team/invitations', {
      headers,
      json: { email: 'Dan@Example.com', role: 'admin' },
    });
    expect(made.status).toBe(201);
    const { url, id } = JSON.parse(made.body) as { url: string; id: string };
    const path = url.slice(origin.length);
    expect((await web.call(path)).body).toContain('dan@example.com');
    expect((await web.call(`/api/team/invitations/${id}`, { method: 'DELETE', headers })).status).toBe(200);
    expect((await web.call(path)).body).toContain('This invitation was revoked');
    expect((await web.call('/invite?token=nonsense')).body).toContain('This invitation link does not work');
    expect((await web.call('/invite')).status).toBe(200);
  });
});

describe('every answer', () => {
  it('refuses writes from other origins', async () => {
    const json = { email: 'ada@example.com', password };
    for (const foreign of ['https://evil.example', 'null']) {
      const answer = await web.call('/api/auth/sign-in', { headers: { origin: foreign }, json });
      expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('foreign_origin')]);
    }
  });

  it('is bounded in what it reads', async () => {
    const answer = await web.call('/api/auth/sign-in', { json: { email: 'x'.repeat(100_000), password } });
    expect(answer.status).toBe(413);
  });

  it('runs only scripts with the nonce of this one response', async () => {
    const pages = await Promise.all([web.call('/sign-in'), web.call('/sign-in')]);
    const nonces = pages.map(({ headers, body }) => {
      const policy = String(headers['content-security-policy']);
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/);
      const nonce = /'nonce-([0-9a-f]{32})'/.exec(policy)?.[1] ?? 'none';
      const scripts = [...body.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
      expect(scripts.length).toBeGreaterThan(0);
      expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  it('keeps the token of a link out of referrers and pages out of frames and caches', async () => {
    for (const path of ['setup', 'password']) {
      expect((await web.call(`/${path}?token=nonsense`)).headers['referrer-policy']).toBe('strict-origin');
    }
    const { headers } = await web.call('/invite?token=nonsense');
    expect(headers['referrer-policy']).toBe('strict-origin');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cache-control']).toContain('no-store');
  });

  it('sends people on their way from the front door, and Studio gets its 2xx', async () => {
    expect((await web.call('/')).headers['location']).toBe('/sign-in');
    const headers = { cookie: adminCookie };
    expect((await web.call('/', { headers })).headers['location']).toBe('/workspace');
    expect((await web.call('/', { headers: { ...headers, 'sec-fetch-dest': 'empty' } })).status).toBe(200);
    expect((await web.call('/workspace')).headers['location']).toBe('/sign-in?returnTo=%2Fworkspace');
  });
});

describe('the process', () => {
  it('refuses to take a socket on which another one listens', async () => {
    const second = new WebProcess({
      socketPath,
      origin,
      env: {
        DATABASE_URL: context.database.url,
        AUTH_SECRET: secret,
        DEPLOYMENT_ID: 'test-deployment',
        E2B_API_KEY: 'e2b_00',
      },
    });
    expect(await second.start()).toBe(1);
    expect(second.output).toContain('already listens');
  });

  it('names what is missing in its settings', async () => {
    const without = new WebProcess({ socketPath: join(folder, 'other.sock'), origin, env: {} });
    expect(await without.start()).toBe(1);
    expect(without.output).toContain('DATABASE_URL');
  });

  it('takes over the socket of one that was killed, and stops cleanly', async () => {
    await web.end('SIGKILL');
    expect(existsSync(socketPath)).toBe(true);
    web.output = '';
    expect(await web.start()).toBe('listening');
    expect((await web.call('/sign-in')).status).toBe(200);
    expect(await web.end('SIGTERM')).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
  });
});
