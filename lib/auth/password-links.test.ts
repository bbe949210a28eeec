import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { changeRole } from './change-role.ts';
import { createInvitation, findInvitation } from './invitations.ts';
import { disableMember, enableMember } from './members.ts';
import { createPasswordLink, findPasswordLink, setPassword } from './password-links.ts';
import { createAuth } from './sign-in.ts';

let context: TestContext;
let admin: string;
let userId: string;
let email: string;
let count = 0;
beforeAll(async () => {
  context = await createTestContext();
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(() => context.close());
beforeEach(async () => {
  const { url } = await createInvitation(context, { role: 'member', by: admin });
  const given = { email: `member${++count}@example.com`, password: 'the old password' };
  ({ userId, email } = await acceptInvitation(context, { token: tokenOf(url), ...given }));
});

const tokenOf = (url: string) => new URL(url).searchParams.get('token') ?? '';
const link = async (by: string | null = admin) => tokenOf((await createPasswordLink(context, { userId, by })).url);
const signIn = (password: string, address = `place ${count}`) =>
  createAuth(context).signIn({ email, password, address });
const set = (link: { token: string; password: string }) => setPassword(context, { ...link, address: `place ${count}` });
const sessions = () => context.database.db.selectFrom('identity.session').where('userId', '=', userId).execute();
const password = 'a new password';
const dead = { code: 'invalid_password_link', status: 404 };

it('sets a new password in place of the old one, and ends all sessions', async () => {
  await signIn('the old password');
  const token = await link();
  expect(await findPasswordLink(context, token)).toEqual({ email });
  expect(await set({ token, password })).toEqual({ userId, email });
  expect(await sessions()).toEqual([]);
  await expect(signIn('the old password')).rejects.toMatchObject({ code: 'wrong_credentials' });
  await signIn(password);
  expect(await sessions()).toHaveLength(1);
  const entries = await context.database.db
    .selectFrom('audit_log')
    .where('target_id', '=', userId)
    .where('action', 'like', 'password%')
    .select(['actor_kind', 'actor_id', 'action'])
    .orderBy('id')
    .execute();
  expect(entries).toEqual([
    { actor_kind: 'admin', actor_id: admin, action: 'password_link.created' },
    { actor_kind: 'user', actor_id: userId, action: 'password.set' },
  ]);
});

it('works once, also for two who open it at the same instant', async () => {
  const token = await link();
  const results = await Promise.allSettled([1, 2, 3].map((n) => set({ token, password: `${password}${n}` })));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(set({ token, password })).rejects.toMatchObject(dead);
  await expect(findPasswordLink(context, token)).rejects.toMatchObject(dead);
});

it('ends when it is a day old, or a newer one is made', async () => {
  const [older, newer] = [await link(), await link()];
  await expect(set({ token: older, password })).rejects.toMatchObject(dead);
  await context.database.db
    .updateTable('password_links')
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where('user_id', '=', userId)
    .execute();
  await expect(set({ token: newer, password })).rejects.toMatchObject(dead);
  await signIn('the old password');
});

it('a password that is too short uses up nothing', async () => {
  const token = await link();
  await expect(set({ token, password: 'short' })).rejects.toMatchObject({ code: 'invalid_password' });
  await set({ token, password });
});

it('opens nothing for who is disabled, before or after it was made', async () => {
  const token = await link();
  await disableMember(context, { userId, by: admin });
  await expect(createPasswordLink(context, { userId, by: admin })).rejects.toMatchObject({ code: 'member_disabled' });
  await enableMember(context, { userId, by: admin });
  await expect(set({ token, password })).rejects.toMatchObject(dead);
});

it('ends with the right to make it', async () => {
  for (const end of [
    (by: string) => disableMember(context, { userId: by, by: admin }),
    (by: string) => changeRole(context, { userId: by, by: admin, role: 'member' }),
  ]) {
    const other = await insertUser(context, `other${++count}@example.com`, 'admin');
    const token = await link(other);
    const invitation = tokenOf((await createInvitation(context, { role: 'admin', by: other })).url);
    await end(other);
    await expect(set({ token, password })).rejects.toMatchObject(dead);
    await expect(findInvitation(context, invitation)).rejects.toMatchObject({ code: 'invalid_invitation' });
  }
});

it('is refused for who is unknown or has no password', async () => {
  const unknown = createPasswordLink(context, { userId: crypto.randomUUID(), by: admin });
  await expect(unknown).rejects.toMatchObject({ code: 'member_not_found' });
  const elsewhere = await insertUser(context, `sso${count}@example.com`);
  const refused = createPasswordLink(context, { userId: elsewhere, by: admin });
  await expect(refused).rejects.toMatchObject({ code: 'no_password' });
});

it('can be made on the server by nobody in particular', async () => {
  expect(await set({ token: await link(null), password })).toEqual({ userId, email });
});

it("is nobody's own, and only an admin's to make", async () => {
  await expect(createPasswordLink(context, { userId: admin, by: admin })).rejects.toMatchObject({
    code: 'own_account',
  });
  const former = await insertUser(context, `former${++count}@example.com`, 'admin');
  await changeRole(context, { userId: former, by: admin, role: 'member' });
  await expect(createPasswordLink(context, { userId, by: former })).rejects.toMatchObject({ code: 'not_admin' });
});

it('two admins make links for each other while a third disables one of them, and nobody waits for ever', async () => {
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => insertUser(context, `${name}${++count}@example.com`, 'admin')),
  );
  await context.database.db
    .insertInto('identity.user')
    .values([one, two].map((id) => ({ id: id ?? '', email: `${id}@example.com`, name: '', emailVerified: false })))
    .execute();
  await context.database.db
    .insertInto('identity.account')
    .values(
      [one, two].map((id) => ({
        userId: id ?? '',
        accountId: id ?? '',
        providerId: 'credential',
        password: 'x',
        updatedAt: new Date(),
      })),
    )
    .execute();
  for (let round = 0; round < 10; round++) {
    const results = await Promise.allSettled([
      createPasswordLink(context, { userId: one ?? '', by: two ?? '' }),
      createPasswordLink(context, { userId: two ?? '', by: one ?? '' }),
      changeRole(context, { userId: one ?? '', by: admin, role: round % 2 ? 'admin' : 'member' }),
    ]);
    const codes = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { code?: string }).code] : [],
    );
    expect(codes.filter((code) => code !== 'not_admin')).toEqual([]);
  }
});

it('leaves no session to who signed in with the old password meanwhile', async () => {
  const token = await link();
  const results = await Promise.allSettled([
    ...[1, 2, 3, 4].map(() => signIn('the old password')),
    set({ token, password }),
    ...[1, 2, 3].map(() => signIn('the old password')),
  ]);
  expect(results[4]?.status).toBe('fulfilled');
  expect(await sessions()).toEqual([]);
});

it('lets the person in after too many wrong passwords, and leaves what the place has tried counted', async () => {
  const wrong = { code: 'wrong_credentials' };
  const stopped = { code: 'too_many_attempts' };
  for (let tries = 0; tries < 8; tries++) await expect(signIn('wrong')).rejects.toMatchObject(wrong);
  await expect(signIn('wrong')).rejects.toMatchObject(stopped);
  const counted = () =>
    context.database.db.selectFrom('rate_limits').where('key', 'like', 'sign-in-place:%').selectAll().execute();
  const before = await counted();
  await expect(set({ token: 'unknown', password })).rejects.toMatchObject(dead);
  await expect(signIn(password)).rejects.toMatchObject(stopped);
  await set({ token: await link(), password });
  await signIn(password);
  expect((await counted()).length).toBe(before.length);
});

it('lets the person in after wrong passwords from many places', async () => {
  await expect(signIn('wrong', 'far away')).rejects.toMatchObject({ code: 'wrong_credentials' });
  await context.database.db
    .updateTable('rate_limits')
    .set({ points: 50 })
    .where('key', 'like', 'sign-in-person:%')
    .execute();
  await expect(signIn('wrong')).rejects.toMatchObject({ code: 'too_many_attempts' });
  await set({ token: await link(), password });
  await signIn(password);
});
