import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { changeRole } from './change-role.ts';
import { createInvitation } from './invitations.ts';
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
const signIn = (password: string) => createAuth(context).signIn({ email, password, address: `place ${count}` });
const sessions = () => context.database.db.selectFrom('identity.session').where('userId', '=', userId).execute();
const password = 'a new password';
const dead = { code: 'invalid_password_link', status: 404 };

it('sets a new password in place of the old one, and ends all sessions', async () => {
  await signIn('the old password');
  const token = await link();
  expect(await findPasswordLink(context, token)).toEqual({ email });
  expect(await setPassword(context, { token, password })).toEqual({ userId, email });
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
  const results = await Promise.allSettled(
    [1, 2, 3].map((n) => setPassword(context, { token, password: `${password}${n}` })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(setPassword(context, { token, password })).rejects.toMatchObject(dead);
  await expect(findPasswordLink(context, token)).rejects.toMatchObject(dead);
});

it('ends when it is a day old, or a newer one is made', async () => {
  const [older, newer] = [await link(), await link()];
  await expect(setPassword(context, { token: older, password })).rejects.toMatchObject(dead);
  await context.database.db
    .updateTable('password_links')
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where('user_id', '=', userId)
    .execute();
  await expect(setPassword(context, { token: newer, password })).rejects.toMatchObject(dead);
  await signIn('the old password');
});

it('a password that is too short uses up nothing', async () => {
  const token = await link();
  await expect(setPassword(context, { token, password: 'short' })).rejects.toMatchObject({ code: 'invalid_password' });
  await setPassword(context, { token, password });
});

it('opens nothing for who is disabled, before or after it was made', async () => {
  const token = await link();
  await disableMember(context, { userId, by: admin });
  await expect(createPasswordLink(context, { userId, by: admin })).rejects.toMatchObject({ code: 'member_disabled' });
  await enableMember(context, { userId, by: admin });
  await expect(setPassword(context, { token, password })).rejects.toMatchObject(dead);
});

it('ends with the right to make it', async () => {
  for (const end of [
    (by: string) => disableMember(context, { userId: by, by: admin }),
    (by: string) => changeRole(context, { userId: by, by: admin, role: 'member' }),
  ]) {
    const other = await insertUser(context, `other${++count}@example.com`, 'admin');
    const token = await link(other);
    await end(other);
    await expect(setPassword(context, { token, password })).rejects.toMatchObject(dead);
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
  expect(await setPassword(context, { token: await link(null), password })).toEqual({ userId, email });
});
