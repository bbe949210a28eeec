import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TestContext } from '../lib/testing.ts';
import type { WebProcess } from './testing/web-process.ts';
import { ORIGIN, PASSWORD, startWeb, Team, tokenOf, type Web } from './testing/web-team.ts';

let parts: Web;
let web: WebProcess;
let context: TestContext;
let team: Team;

beforeAll(async () => {
  parts = await startWeb();
  ({ web, context } = parts);
  team = await Team.create(parts);
});
afterAll(() => parts?.close());

describe('an invitation', () => {
  const linkFor = async (email: string) => {
    const answer = await web.call('/api/team/invitations', {
      headers: { cookie: team.adminCookie, origin: ORIGIN },
      json: { email },
    });
    return tokenOf((JSON.parse(answer.body) as { url: string }).url);
  };
  const accept = async (email: string) =>
    web.call('/api/auth/accept-invitation', { json: { token: await linkFor(email), password: PASSWORD } });

  it('is made and revoked through the API', async () => {
    const headers = { cookie: team.adminCookie };
    const made = await web.call('/api/team/invitations', {
      headers,
      json: { email: 'Dan@Example.com', role: 'admin' },
    });
    expect(made.status).toBe(201);
    const { url, id } = JSON.parse(made.body) as { url: string; id: string };
    const path = url.slice(ORIGIN.length);
    expect((await web.call(path)).body).toContain('dan@example.com');
    expect((await web.call(`/api/team/invitations/${id}`, { method: 'DELETE', headers })).status).toBe(200);
    expect((await web.call(path)).body).toContain('This invitation was revoked');
    expect((await web.call('/invite?token=nonsense')).body).toContain('This invitation link does not work');
    expect((await web.call('/invite')).status).toBe(200);
  });

  it('says who is signed in and what accepting it would do to them, and to nobody else', async () => {
    const path = `/invite?token=${await linkFor('erin@example.com')}`;
    const admin = await web.call(path, { headers: { cookie: team.adminCookie } });
    expect(admin.body).toContain('You are signed in as ada@example.com');
    expect(admin.body).toMatch(/erin@example\.com<\/bdi>: accepting it here signs you out and them in/);
    expect(admin.body).toMatch(/<a href="\/workspace"[^>]*>Back to your workspace/);
    expect(admin.body).not.toContain('Have an account already?');
    const guest = await web.call(path);
    expect(guest.body).toContain('Have an account already?');
    expect(guest.body).not.toContain('You are signed in as');
  });

  it('lets somebody in for whose address many passwords were tried before', async () => {
    for (let attempt = 0; attempt < 9; attempt += 1) await team.signIn('heidi@example.com', 'wrong');
    expect((await team.signIn('heidi@example.com')).status).toBe(429);
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
    expect((await team.signIn('ivan@example.com')).status).toBe(200);
  });
});

describe('a lost password', () => {
  it('is set anew with a link that an admin makes for somebody else', async () => {
    const old = await team.join('grace@example.com');
    const id = await team.idOf('grace@example.com');
    const ask = (userId: string, cookie: string) =>
      web.call(`/api/team/members/${userId}/password-link`, { method: 'POST', headers: { cookie, origin: ORIGIN } });
    expect((await ask(team.adminId, old)).status).toBe(403);
    expect([(await ask(team.adminId, team.adminCookie)).status, (await ask(id, team.adminCookie)).status]).toEqual([
      409, 201,
    ]);
    const made = JSON.parse((await ask(id, team.adminCookie)).body) as { url: string };
    const page = await web.call(`/password?token=${tokenOf(made.url)}`);
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('grace@example.com')]);
    const shownTo = async (cookie: string) =>
      (await web.call(`/password?token=${tokenOf(made.url)}`, { headers: { cookie } })).body;
    const toAdmin = await shownTo(team.adminCookie);
    expect(toAdmin).toContain('You are signed in as ada@example.com');
    expect(toAdmin).toContain('Setting it signs this person out everywhere else.');
    expect(await shownTo(old)).not.toContain('You are signed in as');

    const json = { token: tokenOf(made.url), password: 'another password' };
    const set = await web.call('/api/auth/set-password', { json });
    expect([set.status, JSON.parse(set.body)]).toEqual([200, { next: '/workspace' }]);
    expect((await web.call('/workspace', { headers: { cookie: set.cookie } })).status).toBe(200);
    expect((await team.signIn('grace@example.com')).status).toBe(401);
    expect((await web.call('/sign-in?notice=password_set')).body).toContain('Your password is set.');
    expect((await web.call(`/password?token=${tokenOf(made.url)}`)).body).toContain('This link does not work');
    const again = await web.call('/api/auth/set-password', { form: json });
    const location = `/password?token=${tokenOf(made.url)}&error=invalid_password_link`;
    expect([again.status, again.headers['location']]).toEqual([303, location]);
  });
});

describe('the account page', () => {
  it('changes the password of who is signed in, who stays so here alone', async () => {
    expect((await web.call('/account')).headers['location']).toBe('/sign-in?returnTo=%2Faccount');
    const here = await team.join('judy@example.com');
    const elsewhere = (await team.signIn('judy@example.com')).cookie;
    const page = await web.call('/account', { headers: { cookie: here } });
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('Current password')]);
    const change = (current: string) =>
      web.call('/api/auth/change-password', {
        headers: { cookie: here },
        json: { current, password: 'another password' },
      });
    expect((await change('wrong')).body).toContain('wrong_password');
    const changed = await change(PASSWORD);
    const { next } = JSON.parse(changed.body) as { next: string };
    expect((await web.call(next, { headers: { cookie: changed.cookie } })).body).toContain('Your password is changed.');
    for (const cookie of [here, elsewhere]) {
      await expect.poll(async () => (await web.call('/account', { headers: { cookie } })).status).toBe(307);
    }
    expect((await team.signIn('judy@example.com')).status).toBe(401);
    expect((await team.signIn('judy@example.com', 'another password')).status).toBe(200);
  });
});
