import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { changeRole } from './change-role.ts';
import { createInvitation, findInvitation, listInvitations } from './invitations.ts';
import { disableMember } from './members.ts';
import { invite as inviteBy } from './testing-invitations.ts';

let context: TestContext;
let admin: string;
beforeAll(async () => {
  context = await createTestContext();
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(() => context.close());

const password = 'correct horse';
const invite = (options?: Parameters<typeof inviteBy>[2]) => inviteBy(context, admin, options);
const openFor = async (email: string) => (await listInvitations(context)).filter((one) => one.email === email);
const dead = { code: 'invalid_invitation' };

it('is refused for an address that has an account', async () => {
  const userId = await insertUser(context, 'frank@example.com');
  await expect(invite({ email: 'Frank@Example.com' })).rejects.toMatchObject({ code: 'already_member', status: 409 });
  await disableMember(context, { userId, by: admin });
  const disabled = invite({ email: 'frank@example.com' });
  await expect(disabled).rejects.toMatchObject({ code: 'already_member', next: 'Enable them instead.' });
  expect(await openFor('frank@example.com')).toEqual([]);
});

it('replaces the open one for the same address, and no other', async () => {
  const others = [await invite(), await invite({ email: 'grace@elsewhere.example' })];
  const older = await invite({ email: 'grace@example.com' });
  const newer = await invite({ email: 'GRACE@example.com', role: 'admin' });
  expect([older.replaced, newer.replaced]).toEqual([0, 1]);
  await expect(acceptInvitation(context, { token: older.token, password })).rejects.toMatchObject(dead);
  expect((await openFor('grace@example.com')).map(({ id }) => id)).toEqual([newer.id]);
  for (const { token } of [...others, newer]) await findInvitation(context, token);
  const entry = await context.database.db
    .selectFrom('audit_log')
    .where('target_id', '=', newer.id)
    .select('details')
    .executeTakeFirst();
  expect(entry?.details).toMatchObject({ replaced: [older.id] });
});

it('is one when two admins invite the same person at once, while a third loses the right to', async () => {
  const other = await insertUser(context, 'other@example.com', 'admin');
  const third = await insertUser(context, 'third@example.com', 'admin');
  for (let round = 0; round < 10; round++) {
    const email = `round${round}@example.com`;
    const by = (id: string) => createInvitation(context, { email, role: 'member', by: id });
    const results = await Promise.allSettled([
      by(admin),
      by(other),
      by(third),
      changeRole(context, { userId: third, by: admin, role: round % 2 ? 'admin' : 'member' }),
    ]);
    const refused = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ index, code: (result.reason as { code?: string }).code }] : [],
    );
    // Nobody waits for ever, and only the third may be refused.
    expect(refused.filter(({ index, code }) => index !== 2 || code !== 'not_admin')).toEqual([]);
    expect((await openFor(email)).length).toBeLessThan(2);
  }
  await changeRole(context, { userId: third, by: admin, role: 'member' });
  await expect(createInvitation(context, { role: 'member', by: third })).rejects.toMatchObject({ code: 'not_admin' });
});

it('ends when its address gets an account by another link, also at the same instant', async () => {
  const anybody = await invite();
  const named = await invite({ email: 'heidi@example.com' });
  await acceptInvitation(context, { token: anybody.token, email: 'Heidi@example.com', password });
  await expect(findInvitation(context, named.token)).rejects.toMatchObject(dead);

  const links = [await invite(), await invite({ email: 'ivan@example.com' })];
  const results = await Promise.allSettled([
    ...links.map(({ token }) => acceptInvitation(context, { token, email: 'ivan@example.com', password })),
    invite({ email: 'ivan@example.com' }),
  ]);
  expect(results.slice(0, 2).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await openFor('ivan@example.com')).toEqual([]);
});

it('for an address that has got an account does not offer another address', async () => {
  const { token } = await invite({ email: 'judy@example.com' });
  await insertUser(context, 'judy@example.com');
  const taken = acceptInvitation(context, { token, password });
  await expect(taken).rejects.toMatchObject({ code: 'invited_email_taken', next: 'Sign in with it.' });
});
