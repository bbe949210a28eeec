import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSetupUrl } from '../lib/auth/setup.ts';
import type { TestContext } from '../lib/testing.ts';
import type { WebProcess } from './testing/web-process.ts';
import { PASSWORD, startWeb, Team, tokenOf, type Web } from './testing/web-team.ts';

let parts: Web;
let web: WebProcess;
let context: TestContext;
let team: Team;

beforeAll(async () => {
  parts = await startWeb();
  ({ web, context } = parts);
});
afterAll(() => parts?.close());

const sandboxes = () => context.database.db.selectFrom('sandboxes').select('status').execute();

describe('the first admin', () => {
  it('is waited for by the sign-in page, which has no form until then', async () => {
    const { status, body } = await web.call('/sign-in');
    expect([status, body]).toEqual([200, expect.stringContaining('Nobody is set up yet')]);
    expect(body).not.toContain('<form');
    // As when the page has forgotten the token and is loaded anew.
    const reloaded = await web.call('/setup');
    expect(reloaded.body).toContain('Open the link once more');
    expect(reloaded.body).toContain('which does not use up the link');
    expect(reloaded.body).not.toContain('does not work');
    expect((await web.call('/setup?token=nonsense')).body).toContain('This set-up link does not work');
    expect(reloaded.body).toContain('Open the link from the terminal once more.');
    expect(reloaded.body).not.toContain('href="/sign-in"');
  });

  it('is made by the set-up link, once, and has a workspace on its way', async () => {
    const setup = tokenOf(await createSetupUrl(context));
    expect((await web.call(`/setup?token=${setup}`)).body).toContain('Create the first admin');
    const json = { token: setup, email: 'ada@example.com', password: PASSWORD };
    const made = await web.call('/api/auth/setup', { json });
    expect([made.status, JSON.parse(made.body)]).toEqual([200, { next: '/workspace' }]);
    expect(String(made.headers['set-cookie'])).toMatch(/HttpOnly/);
    expect(await sandboxes()).toEqual([{ status: 'provisioning' }]);
    const { id } = await context.database.db.selectFrom('users').select('id').executeTakeFirstOrThrow();
    team = new Team(parts, { id, cookie: made.cookie });

    const again = await web.call('/api/auth/setup', { json });
    expect([again.status, again.body]).toEqual([409, expect.stringContaining('already_set_up')]);
    expect((await web.call(`/setup?token=${setup}`)).body).toContain('There is an admin already');
    const own = await web.call(`/setup?token=${setup}`, { headers: { cookie: made.cookie } });
    expect([own.status, own.headers['location']]).toEqual([307, '/workspace']);
  });

  it('sees the team, and a member gets the page that says who may', async () => {
    const page = await web.call('/team', { headers: { cookie: team.adminCookie } });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('Invite somebody')]);
    const member = await team.join('bob@example.com');
    const refused = await web.call('/team', { headers: { cookie: member } });
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('This page is for admins')]);
    const api = await web.call('/api/team/invitations', {
      headers: { cookie: member },
      json: { email: 'x@example.com' },
    });
    expect([api.status, api.body]).toEqual([403, expect.stringContaining('not_admin')]);
  });
});

describe('signing in', () => {
  it('goes where the person wants to be, and nowhere else', async () => {
    const answer = await team.signIn('ada@example.com');
    expect(JSON.parse(answer.body)).toEqual({ next: '/studio/agents' });
    for (const returnTo of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      const json = { email: 'ada@example.com', password: PASSWORD, returnTo };
      expect(JSON.parse((await web.call('/api/auth/sign-in', { json })).body)).toEqual({ next: '/workspace' });
    }
  });

  it('works before the script of the page has loaded', async () => {
    const form = { email: 'ada@example.com', password: PASSWORD, returnTo: '/workspace' };
    const right = await web.call('/api/auth/sign-in', { form });
    expect([right.status, right.headers['location']]).toEqual([303, '/workspace']);
    const wrong = await web.call('/api/auth/sign-in', { form: { ...form, password: 'wrong' } });
    expect(wrong.status).toBe(303);
    expect(wrong.headers['location']).toContain('error=wrong_credentials');
    expect(wrong.headers['location']).not.toContain('wrong&');
    const told = (await web.call(String(wrong.headers['location']))).body;
    expect(told).toContain('The e-mail address or the password is wrong.');
    // Also to the only admin, for whom there is no other one to ask.
    expect(told).toContain('npm run password-link');
  });

  it('limits the rate and says how long', async () => {
    let last = await team.signIn('nobody@example.com', 'guess');
    for (let attempt = 0; attempt < 10 && last.status === 401; attempt += 1)
      last = await team.signIn('nobody@example.com', 'guess');
    expect([last.status, Number(last.headers['retry-after']) > 0]).toEqual([429, true]);
  });

  it('is the only way in: there is no open sign-up', async () => {
    for (const path of ['/api/auth/sign-up/email', '/api/auth/sign-up', '/api/auth/sign-in/email']) {
      const answer = await web.call(path, { json: { email: 'eve@example.com', password: PASSWORD, name: 'Eve' } });
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/json']);
    }
  });

  it('ends: the cookie is removed and worth nothing any more', async () => {
    const { cookie } = await team.signIn('bob@example.com');
    const out = await web.call('/api/auth/sign-out', { headers: { cookie }, form: {} });
    expect([out.status, out.headers['location']]).toEqual([303, '/sign-in']);
    expect((await web.call('/api/workspace', { headers: { cookie } })).status).toBe(401);
  });
});

describe('members', () => {
  it('are shut out at once when they are disabled, and let in again', async () => {
    const cookie = await team.join('carol@example.com');
    const id = await team.idOf('carol@example.com');
    const set = (disabled: boolean) =>
      web.call(`/api/team/members/${id}`, {
        method: 'PATCH',
        headers: { cookie: team.adminCookie },
        json: { disabled },
      });
    expect((await web.call('/api/workspace', { headers: { cookie } })).status).toBe(200);
    expect((await set(true)).status).toBe(200);
    await expect.poll(async () => (await web.call('/api/workspace', { headers: { cookie } })).status).toBe(401);
    expect((await team.signIn('carol@example.com')).body).toContain('account_disabled');
    const plain = await web.call('/api/auth/sign-in', { form: { email: 'carol@example.com', password: PASSWORD } });
    expect(plain.headers['location']).toBe('/disabled');
    expect((await set(false)).status).toBe(200);
    expect((await team.signIn('carol@example.com')).status).toBe(200);
  });

  it('find the way back in on the page that shut them out, and never see it when they are signed in', async () => {
    for (const path of ['/disabled', '/not-a-member']) {
      const page = await web.call(path);
      expect([page.status, page.body]).toEqual([200, expect.stringMatching(/<a href="\/sign-in"[^>]*>Try again</)]);
      const { status, headers } = await web.call(path, { headers: { cookie: team.adminCookie } });
      expect([status, headers['location']]).toEqual([307, '/workspace']);
    }
  });

  it('cannot be changed with input that makes no sense', async () => {
    const patch = (id: string, json: unknown) =>
      web.call(`/api/team/members/${id}`, { method: 'PATCH', headers: { cookie: team.adminCookie }, json });
    expect((await patch('not-an-id', { disabled: true })).status).toBe(404);
    expect((await patch(team.adminId, { role: 'king' })).status).toBe(400);
    expect((await patch(team.adminId, { disabled: true })).body).toContain('own_account');
    expect((await patch(team.adminId, { role: 'member' })).body).toContain('last_admin');
  });
});

describe('every answer', () => {
  it('refuses writes from other origins', async () => {
    const json = { email: 'ada@example.com', password: PASSWORD };
    for (const foreign of ['https://evil.example', 'null']) {
      const answer = await web.call('/api/auth/sign-in', { headers: { origin: foreign }, json });
      expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('foreign_origin')]);
    }
  });

  it('is bounded in what it reads', async () => {
    const answer = await web.call('/api/auth/sign-in', { json: { email: 'x'.repeat(100_000), password: PASSWORD } });
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
    const headers = { cookie: team.adminCookie };
    expect((await web.call('/', { headers })).headers['location']).toBe('/workspace');
    expect((await web.call('/', { headers: { ...headers, 'sec-fetch-dest': 'empty' } })).status).toBe(200);
    expect((await web.call('/workspace')).headers['location']).toBe('/sign-in?returnTo=%2Fworkspace');
  });
});
