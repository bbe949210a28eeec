import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { invitationEnd } from './invitation-end.ts';
import { createInvitation, revokeInvitation } from './invitations.ts';
import { invite as inviteBy } from './testing-invitations.ts';

let context: TestContext;
let admin: string;
beforeAll(async () => {
  context = await createTestContext();
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(() => context.close());

const invite = (email: string) => inviteBy(context, admin, { email });

it('tells what has become of a link', async () => {
  const used = await invite('used@example.com');
  await acceptInvitation(context, { token: used.token, password: 'correct horse' });
  const revoked = await invite('revoked@example.com');
  await revokeInvitation(context, { id: revoked.id, by: admin });
  const old = await invite('old@example.com');
  await context.database.db
    .updateTable('invitations')
    .set({ expires_at: new Date(0) })
    .where('id', '=', old.id)
    .execute();
  const joined = await invite('joined@example.com');
  const anybody = await createInvitation(context, { role: 'member', by: admin });
  const token = new URL(anybody.url).searchParams.get('token') ?? '';
  await acceptInvitation(context, { token, email: 'Joined@example.com', password: 'correct horse' });
  expect(await Promise.all([used, joined, revoked, old].map(({ token }) => invitationEnd(context, token)))).toEqual([
    'used',
    'joined',
    'revoked',
    'expired',
  ]);
  expect(await invitationEnd(context, 'cut-off')).toBe('unknown');
  expect(await invitationEnd(context, '')).toBe('unknown');
});
