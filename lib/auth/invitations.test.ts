import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { findInvitation, listInvitations, revokeInvitation } from './invitations.ts';
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

it('makes an account with the role of the invitation', async () => {
  const { token } = await invite({ role: 'admin' });
  expect(await findInvitation(context, token)).toMatchObject({ email: null, role: 'admin' });
  const { userId } = await acceptInvitation(context, { token, email: 'Bob@example.com', password });
  const user = await context.database.db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  expect(user).toMatchObject({ email: 'bob@example.com', role: 'admin' });
});

it('is for the address that it names', async () => {
  const { token } = await invite({ email: 'Carol@Example.com' });
  const wrong = acceptInvitation(context, { token, email: 'mallory@example.com', password });
  await expect(wrong).rejects.toMatchObject({ code: 'wrong_email', status: 403 });
  await expect(acceptInvitation(context, { token, password })).resolves.toMatchObject({ email: 'carol@example.com' });
});

it('is used up by one of two people who accept at the same instant', async () => {
  const { token } = await invite();
  const results = await Promise.allSettled(
    ['one', 'two', 'three'].map((name) =>
      acceptInvitation(context, { token, email: `${name}@race.example`, password }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  expect(refusals).toEqual([0, 1].map(() => expect.objectContaining({ code: 'invalid_invitation' })));
  const made = await context.database.db
    .selectFrom('users')
    .select('id')
    .where('email', 'like', '%@race.example')
    .execute();
  expect(made).toHaveLength(1);
});

it('ends when it is revoked or too old', async () => {
  const revoked = await invite();
  await revokeInvitation(context, { id: revoked.id, by: admin });
  const old = await invite();
  await context.database.db
    .updateTable('invitations')
    .set({ expires_at: new Date(0) })
    .where('id', '=', old.id)
    .execute();
  for (const { id, token } of [revoked, old]) {
    await expect(findInvitation(context, token)).rejects.toMatchObject({ code: 'invalid_invitation', status: 404 });
    await expect(acceptInvitation(context, { token, email: 'dave@example.com', password })).rejects.toMatchObject({
      code: 'invalid_invitation',
    });
    expect((await listInvitations(context)).map((one) => one.id)).not.toContain(id);
  }
  await expect(revokeInvitation(context, { id: revoked.id, by: admin })).rejects.toMatchObject({
    code: 'invitation_not_found',
    next: 'It has already been used or revoked.',
  });
});

it('does not touch an account that exists, and stays usable', async () => {
  const { token } = await invite();
  const taken = acceptInvitation(context, { token, email: 'admin@example.com', password });
  await expect(taken).rejects.toMatchObject({ code: 'email_taken', status: 409 });
  await expect(acceptInvitation(context, { token, email: 'erin@example.com', password })).resolves.toBeDefined();
});
