import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestContext, eventually, insertUser, lockWaits, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { disableMember, enableMember } from './members.ts';
import { createPasswordLink, findPasswordLink, setPassword } from './password-links.ts';
import { createSessionVerifier, type Session, type SessionVerifier } from './session.ts';
import { createSignInLimits } from './sign-in-limits.ts';
import { type Auth, createAuth } from './sign-in.ts';
import { invite } from './testing-invitations.ts';

const old = 'the old password';
const password = 'a new password';
const wrong = { code: 'wrong_password', status: 403, next: expect.stringContaining('npm run password-link') };
let context: TestContext;
let auth: Auth;
let verifier: SessionVerifier;
let admin: string;
let userId: string;
let email: string;
let count = 0;

beforeAll(async () => {
  context = await createTestContext();
  auth = createAuth(context);
  verifier = createSessionVerifier(context);
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(async () => {
  verifier.close();
  await context.close();
});
beforeEach(async () => {
  const { token } = await invite(context, admin);
  const given = { token, email: `member${++count}@example.com`, password: old };
  ({ userId, email } = await acceptInvitation(context, given));
});

const place = () => `place ${count}`;
async function signIn(secret = old): Promise<string> {
  const { cookies } = await auth.signIn({ email, password: secret, address: place() });
  return cookies[0]?.split(';')[0] ?? '';
}
async function sessionOf(cookie: string): Promise<Session> {
  const session = await verifier.verifySession(cookie);
  if (!session) throw new Error('the session has ended');
  return session;
}
const link = async () => {
  const { url } = await createPasswordLink(context, { userId, by: admin });
  return new URL(url).searchParams.get('token') ?? '';
};
const change = (session: Session, current = old, to = password) =>
  auth.changePassword({ session, current, password: to, address: place() });
const sessions = () => context.database.db.selectFrom('identity.session').where('userId', '=', userId).execute();
/** How many sessions there are, and whose the one is that the change has given. */
async function sessionsAfter(changed?: PromiseSettledResult<{ cookies: string[] } | string>) {
  const value = changed?.status === 'fulfilled' ? changed.value : undefined;
  const cookie = typeof value === 'object' ? value.cookies[0]?.split(';')[0] : undefined;
  return [(await sessions()).length, (await verifier.verifySession(cookie))?.userId];
}
const entries = () =>
  context.database.db
    .selectFrom('audit_log')
    .where('actor_id', '=', userId)
    .where('action', 'like', 'password%')
    .select(['actor_kind', 'action', 'target_id', 'details'])
    .execute();

it('puts the new password in place of the old one and ends every session, copies of the own cookie too', async () => {
  const [here, elsewhere] = [await signIn(), await signIn()];
  expect(await verifier.verifySession(elsewhere)).not.toBeNull();
  const { cookies } = await change(await sessionOf(here));
  for (const cookie of [here, elsewhere]) {
    await eventually(async () => (await verifier.verifySession(cookie)) === null, 1_000);
  }
  expect(await verifier.verifySession(cookies[0]?.split(';')[0])).toMatchObject({ userId });
  await expect(signIn(old)).rejects.toMatchObject({ code: 'wrong_credentials' });
  await signIn(password);
});

it('leaves an entry in the audit log that has no secret', async () => {
  await change(await sessionOf(await signIn()));
  expect(await entries()).toEqual([{ actor_kind: 'user', action: 'password.changed', target_id: userId, details: {} }]);
});

it('ends the links for a new password', async () => {
  const token = await link();
  expect(await findPasswordLink(context, token)).toEqual({ email });
  await change(await sessionOf(await signIn()));
  const dead = { code: 'invalid_password_link' };
  await expect(findPasswordLink(context, token)).rejects.toMatchObject(dead);
});

it('changes nothing for a wrong password', async () => {
  const token = await link();
  const [here, elsewhere] = [await signIn(), await signIn()];
  await expect(change(await sessionOf(here), 'a wrong password')).rejects.toMatchObject(wrong);
  expect(await verifier.verifySession(elsewhere)).not.toBeNull();
  expect(await findPasswordLink(context, token)).toEqual({ email });
  expect(await entries()).toEqual([]);
  await signIn(old);
});

it('lets nobody guess from one place with many sessions', async () => {
  const limits = createSignInLimits(context);
  for (let tries = 0; tries < 100; tries++) await limits.countAgain(`session ${tries}`, place());
  const stopped = { code: 'too_many_attempts', status: 429 };
  const session = { id: crypto.randomUUID(), userId, email };
  await expect(auth.changePassword({ session, current: old, password, address: place() })).rejects.toMatchObject(
    stopped,
  );
});

it('lets nobody guess with a session alone', async () => {
  const session = await sessionOf(await signIn());
  for (let tries = 0; tries < 8; tries++) await expect(change(session, 'wrong')).rejects.toMatchObject(wrong);
  const stopped = { code: 'too_many_attempts', status: 429, retryAfterSeconds: expect.any(Number) };
  await expect(change(session)).rejects.toMatchObject(stopped);
  await change(await sessionOf(await signIn()));
});

it('is not hindered by strangers who try to sign in', async () => {
  const session = await sessionOf(await signIn());
  const limits = createSignInLimits(context);
  for (let tries = 0; tries < 60; tries++) await limits.count(email, `stranger ${tries}`).catch(() => {});
  await expect(signIn()).rejects.toMatchObject({ code: 'too_many_attempts' });
  const { cookies } = await change(session);
  expect(await verifier.verifySession(cookies[0]?.split(';')[0])).toMatchObject({ userId });
});

it('has the rules of every other new password, and looks at them before it counts', async () => {
  const session = await sessionOf(await signIn());
  for (let tries = 0; tries < 9; tries++) {
    await expect(change(session, old, 'short')).rejects.toMatchObject({ code: 'invalid_password', status: 400 });
  }
  await change(session);
});

it.each(['the old password', 'ｔｈｅ ｏｌｄ ｐａｓｓｗｏｒｄ'])('refuses to put %s in its own place', async (same) => {
  const token = await link();
  const session = await sessionOf(await signIn());
  for (let tries = 0; tries < 9; tries++) {
    await expect(change(session, old, same)).rejects.toMatchObject({ code: 'invalid_password', status: 400 });
  }
  expect(await entries()).toEqual([]);
  expect(await findPasswordLink(context, token)).toEqual({ email });
  await change(session);
});

it('leaves no session to who signed in with the old password meanwhile', async () => {
  const session = await sessionOf(await signIn());
  const results = await Promise.allSettled([
    ...[1, 2, 3].map(() => signIn()),
    change(session),
    ...[1, 2, 3].map(() => signIn()),
  ]);
  expect(await sessionsAfter(results[3])).toEqual([1, userId]);
});

it('succeeds for one of those who do it with the same password at once', async () => {
  const all = await Promise.all([1, 2, 3].map(async () => sessionOf(await signIn())));
  const results = await Promise.allSettled(all.map((session, n) => change(session, old, `${password} ${n}`)));
  const winner = results.findIndex(({ status }) => status === 'fulfilled');
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await sessionsAfter(results[winner])).toEqual([1, userId]);
  await signIn(`${password} ${winner}`);
});

it('succeeds once for who does it twice at once in one session', async () => {
  const session = await sessionOf(await signIn());
  const results = await Promise.allSettled([1, 2].map((n) => change(session, old, `${password} ${n}`)));
  const [refused] = results.filter((result) => result.status === 'rejected');
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(refused?.reason).toMatchObject(wrong);
});

it('does not undo what a link has set meanwhile, whichever comes first', async () => {
  for (let round = 0; round < 3; round++) {
    const [session, token] = [await sessionOf(await signIn()), await link()];
    const [set, changed] = await Promise.allSettled([
      setPassword(context, { token, password: 'from the link', address: place() }),
      change(session),
    ]);
    expect([set.status, changed.status].sort()).toEqual(['fulfilled', 'rejected']);
    await signIn(set.status === 'fulfilled' ? 'from the link' : password);
    await setPassword(context, { token: await link(), password: old, address: place() });
  }
});

it('does not wait for what is being written about the person', async () => {
  const session = await sessionOf(await signIn());
  await context.database.db.transaction().execute(async (trx) => {
    // As a foreign key does.
    await trx.selectFrom('users').where('id', '=', userId).select('id').forKeyShare().execute();
    await expect(change(session)).resolves.toMatchObject({ cookies: [expect.any(String)] });
  });
  await signIn(password);
});

it('is over with the session', async () => {
  const session = await sessionOf(await signIn());
  await signIn();
  await disableMember(context, { userId, by: admin });
  await expect(change(session)).rejects.toMatchObject({ code: 'account_disabled', status: 403 });
  await enableMember(context, { userId, by: admin });
  await expect(change(session)).rejects.toMatchObject({ code: 'not_signed_in', status: 401 });
  expect(await entries()).toEqual([]);
  expect(await sessions()).toEqual([]);
});

it('leaves no session to who is disabled meanwhile', async () => {
  const session = await sessionOf(await signIn());
  let attempts: Promise<PromiseSettledResult<unknown>[]> = Promise.resolve([]);
  await context.database.db.transaction().execute(async (trx) => {
    // Stops the change where it begins.
    await trx.selectFrom('users').where('id', '=', userId).select('id').forShare().execute();
    attempts = Promise.allSettled([change(session)]);
    await lockWaits(context, 1);
    await trx.updateTable('users').set({ disabled_at: new Date() }).where('id', '=', userId).execute();
    await trx.deleteFrom('identity.session').where('userId', '=', userId).execute();
  });
  expect(await attempts).toMatchObject([{ status: 'rejected', reason: { code: 'not_signed_in' } }]);
  expect(await sessions()).toEqual([]);
});

it('is refused for who has no password', async () => {
  const elsewhere = await insertUser(context, `sso${count}@example.com`);
  const session = { id: crypto.randomUUID(), userId: elsewhere, email: `sso${count}@example.com` };
  const attempt = auth.changePassword({ session, current: old, password, address: place() });
  await expect(attempt).rejects.toMatchObject({ code: 'no_password', status: 409 });
});
