import { getMigrations } from 'better-auth/db/migration';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestContext, eventually, lockWaits, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { createInvitation } from './invitations.ts';
import { disableMember, enableMember } from './members.ts';
import { createSessionVerifier, type SessionVerifier } from './session.ts';
import { acceptSetup, createSetupUrl } from './setup.ts';
import { type Auth, createAuth } from './sign-in.ts';

const password = 'correct horse';
let context: TestContext;
let auth: Auth;
let verifier: SessionVerifier;
let admin: string;

beforeAll(async () => {
  context = await createTestContext();
  auth = createAuth(context);
  verifier = createSessionVerifier(context);
  const token = new URL((await createSetupUrl(context)) ?? '').searchParams.get('token') ?? '';
  ({ userId: admin } = await acceptSetup(context, { token, email: 'admin@example.com', password }));
});
afterAll(async () => {
  verifier.close();
  await context.close();
});

let next = 1;
async function member() {
  const { url } = await createInvitation(context, { role: 'member', by: admin });
  const token = new URL(url).searchParams.get('token') ?? '';
  const email = `member${next++}@example.com`;
  return acceptInvitation(context, { token, email, password });
}
const from = (address: string) => ({ address, userAgent: 'test' });
const cookieOf = ([setCookie]: string[]) => setCookie?.split(';')[0] ?? '';

describe('signing in', () => {
  it('gives a cookie that scripts cannot read and that verifies', async () => {
    const { cookies } = await auth.signIn({ email: ' Admin@example.com', password, ...from('1.1.1.1') });
    expect(cookies[0]).toMatch(/^shmastra\.session_token=.*; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/i);
    const session = await verifier.verifySession(`other=1; ${cookieOf(cookies)}`);
    expect(session).toMatchObject({ userId: admin, email: 'admin@example.com', role: 'admin' });
  });

  it('marks the cookie as Secure behind https', async () => {
    const settings = { ...context.settings, publicUrl: 'https://studio.example.com' };
    const { cookies } = await createAuth({ ...context, settings }).signIn({
      email: 'admin@example.com',
      password,
      ...from('9.9.9.9'),
    });
    expect(cookies[0]).toMatch(/^__Host-shmastra\.session_token=.*; Path=\/.*; Secure/);
    const secure = createSessionVerifier({ ...context, settings });
    expect(await secure.verifySession(cookieOf(cookies))).toMatchObject({ userId: admin });
    secure.close();
  });

  it('does not tell an unknown address from a wrong password', async () => {
    for (const email of ['admin@example.com', 'nobody@example.com']) {
      const attempt = auth.signIn({ email, password: 'something else', ...from('2.2.2.2') });
      await expect(attempt).rejects.toMatchObject({
        code: 'wrong_credentials',
        status: 401,
        next: expect.stringMatching(/^Check both\. .*npm run password-link\.$/),
      });
    }
  });

  it('stops guessing, says for how long, and lets others in meanwhile', async () => {
    const { email } = await member();
    const guess = () => auth.signIn({ email, password: 'wrong wrong', ...from('3.3.3.3') });
    for (let tries = 0; tries < 8; tries += 1)
      await expect(guess()).rejects.toMatchObject({ code: 'wrong_credentials' });
    await expect(guess()).rejects.toMatchObject({
      code: 'too_many_attempts',
      status: 429,
      retryAfterSeconds: expect.any(Number),
    });
    await expect(auth.signIn({ email, password, ...from('3.3.3.3') })).rejects.toMatchObject({
      code: 'too_many_attempts',
    });
    await expect(auth.signIn({ email, password, ...from('4.4.4.4') })).resolves.toBeDefined();
  });

  it('leaves nothing to who is disabled at that moment', async () => {
    const { userId, email } = await member();
    let attempts: Promise<PromiseSettledResult<unknown>[]> = Promise.resolve([]);
    await context.database.db.transaction().execute(async (trx) => {
      // Stops it between the look at the member and the session.
      await sql`lock table identity.session in exclusive mode`.execute(trx);
      attempts = Promise.allSettled([auth.signIn({ email, password, ...from('8.8.8.8') })]);
      await lockWaits(context, 1);
      await trx.updateTable('users').set({ disabled_at: new Date() }).where('id', '=', userId).execute();
    });
    expect(await attempts).toMatchObject([{ status: 'rejected', reason: { code: 'account_disabled' } }]);
    const sessions = context.database.db.selectFrom('identity.session').where('userId', '=', userId);
    expect(await sessions.execute()).toEqual([]);
  });

  it('has no other way to an account', async () => {
    const body = { email: 'new@example.com', password, name: 'New' };
    await expect(auth.better.api.signUpEmail({ body })).rejects.toThrow('not enabled');
  });
});

describe('a session', () => {
  it('that has ended leaves the cookie alone when it is refreshed: there may be another one by then', async () => {
    const { cookies } = await auth.signIn({ email: 'admin@example.com', password, ...from('7.7.7.7') });
    await auth.signOut(cookieOf(cookies));
    expect(await auth.refresh(cookieOf(cookies))).toEqual({ cookies: [] });
  });

  it('is refused when anything about the cookie is wrong', async () => {
    const { cookies } = await auth.signIn({ email: 'admin@example.com', password, ...from('5.5.5.5') });
    const good = cookieOf(cookies);
    const [name = '', value = ''] = good.split('=');
    const token = decodeURIComponent(value).split('.')[0] ?? '';
    const bad = [
      null,
      '',
      `${name}=`,
      `${name}=${token}`,
      `${name}=${token}.`,
      `${name}=x${value}`,
      `${name}=${value}x`,
      `${name}=%zz`,
      `other.session_token=${value}`,
      `${name}=${value}; ${'x'.repeat(20_000)}`,
    ];
    const accepted = await Promise.all(bad.map((cookie) => verifier.verifySession(cookie)));
    expect(accepted).toEqual(bad.map(() => null));
    expect(await verifier.verifySession(good)).not.toBeNull();
  });

  it('ends everywhere within a second when the person signs out', async () => {
    const cookie = cookieOf((await auth.signIn({ email: 'admin@example.com', password, ...from('6.6.6.6') })).cookies);
    expect(await verifier.verifySession(cookie)).not.toBeNull();
    const { cookies } = await auth.signOut(cookie);
    expect(cookies[0]).toContain('Max-Age=0');
    await eventually(async () => (await verifier.verifySession(cookie)) === null, 1_000);
  });

  it('ends at its time, and lives on when it is refreshed', async () => {
    const cookie = cookieOf((await auth.signIn({ email: 'admin@example.com', password, ...from('7.7.7.7') })).cookies);
    expect((await auth.refresh(cookie)).cookies).toEqual([]);
    const soon = new Date(Date.now() + 3600_000);
    await context.database.db.updateTable('identity.session').set({ expiresAt: soon }).execute();
    expect((await auth.refresh(cookie)).cookies[0]).toContain('Max-Age=604800');
    await context.database.db
      .updateTable('identity.session')
      .set({ expiresAt: new Date(0) })
      .execute();
    await eventually(async () => (await verifier.verifySession(cookie)) === null, 1_000);
  });
});

describe('a disabled member', () => {
  it('is out within a second, and cannot sign in until enabled again', async () => {
    const { userId, email } = await member();
    const cookie = cookieOf((await auth.signIn({ email, password, ...from('8.8.8.8') })).cookies);
    expect(await verifier.verifySession(cookie)).toMatchObject({ userId });
    await disableMember(context, { userId, by: admin });
    await eventually(async () => (await verifier.verifySession(cookie)) === null, 1_000);
    const attempt = auth.signIn({ email, password, ...from('8.8.8.8') });
    await expect(attempt).rejects.toMatchObject({ code: 'account_disabled', status: 403 });
    await enableMember(context, { userId, by: admin });
    await expect(auth.signIn({ email, password, ...from('8.8.8.8') })).resolves.toBeDefined();
    expect(await verifier.verifySession(cookie)).toBeNull();
  });

  it('is never the last admin, and nobody disables themselves', async () => {
    await expect(disableMember(context, { userId: admin, by: admin })).rejects.toMatchObject({ code: 'own_account' });
    const { userId } = await member();
    await expect(disableMember(context, { userId: admin, by: userId })).rejects.toMatchObject({ code: 'last_admin' });
  });
});

it('has all the tables that better-auth wants', async () => {
  const { db } = context.database;
  const options = { ...auth.better.options, database: { db: db.withSchema('identity'), type: 'postgres' as const } };
  const { toBeCreated, toBeAdded } = await getMigrations(options);
  // It looks for tables in the connection's search path; ours are in a schema of their own.
  expect(toBeAdded).toEqual([]);
  const { rows } = await context.database.pool.query(
    "select table_name, column_name from information_schema.columns where table_schema = 'identity'",
  );
  const columns = new Set(
    rows.map((row: { table_name: string; column_name: string }) => `${row.table_name}.${row.column_name}`),
  );
  for (const { table, fields } of toBeCreated) {
    for (const field of ['id', ...Object.keys(fields)]) expect(columns).toContain(`${table}.${field}`);
  }
});
