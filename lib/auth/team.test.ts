import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from '../sandbox/ensure.ts';
import { changeRole } from './change-role.ts';
import { disableMember } from './members.ts';
import { listAdminContacts, listTeam } from './team.ts';

let context: TestContext;
let ada: string;
let bob: string;
beforeAll(async () => {
  context = await createTestContext();
  ada = await insertUser(context, 'ada@example.com', 'admin');
  bob = await insertUser(context, 'bob@example.com');
});
afterAll(() => context.close());

const find = async (id: string) => (await listTeam(context)).find((one) => one.id === id);

it('lists everybody by address, also who was never seen and has no sandbox', async () => {
  expect((await listTeam(context)).map(({ email }) => email)).toEqual(['ada@example.com', 'bob@example.com']);
  expect(await find(bob)).toMatchObject({ role: 'member', disabledAt: null, lastSeenAt: null, sandbox: null });
});

it('tells when a person was last seen, by the session or by work in the sandbox', async () => {
  const { db } = context.database;
  await db
    .insertInto('identity.user')
    .values({ id: ada, name: '', email: 'ada@example.com', emailVerified: true })
    .execute();
  const [early, late] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];
  await db
    .insertInto('identity.session')
    .values({ userId: ada, token: 't', expiresAt: late, updatedAt: early })
    .execute();
  expect((await find(ada))?.lastSeenAt).toEqual(early);
  const sandbox = await ensureSandbox(context, ada);
  await db.updateTable('sandboxes').set({ last_activity_at: late }).where('id', '=', sandbox.id).execute();
  expect((await find(ada))?.lastSeenAt).toEqual(late);
});

it('tells a sandbox that was never made from one that has files', async () => {
  const { id } = await ensureSandbox(context, ada);
  const set = (values: { status: 'broken'; error_code: string; error_message: string; sandbox_id: string | null }) =>
    context.database.db.updateTable('sandboxes').set(values).where('id', '=', id).execute();
  const broken = { status: 'broken', error_code: 'template_missing', error_message: 'No template.' } as const;
  await set({ ...broken, sandbox_id: null });
  expect((await find(ada))?.sandbox).toEqual({ id, status: 'broken', errorMessage: 'No template.', neverMade: true });
  await set({ ...broken, sandbox_id: 'sandbox-1' });
  expect((await find(ada))?.sandbox?.neverMade).toBe(false);
});

it('changes a role and writes who did it', async () => {
  await changeRole(context, { userId: bob, by: ada, role: 'admin' });
  expect((await find(bob))?.role).toBe('admin');
  const entry = await context.database.db
    .selectFrom('audit_log')
    .selectAll()
    .where('action', '=', 'member.role_changed')
    .executeTakeFirstOrThrow();
  expect(entry).toMatchObject({ actor_id: ada, target_id: bob, details: { role: 'admin' } });
});

it('names only admins who can do something as contacts', async () => {
  expect(await listAdminContacts(context)).toEqual(['ada@example.com', 'bob@example.com']);
  await disableMember(context, { userId: bob, by: ada });
  expect(await listAdminContacts(context)).toEqual(['ada@example.com']);
});

it('keeps the last admin, and knows whom it does not know', async () => {
  await expect(changeRole(context, { userId: ada, by: ada, role: 'member' })).rejects.toMatchObject({
    code: 'last_admin',
  });
  const unknown = { userId: crypto.randomUUID(), by: ada, role: 'admin' } as const;
  await expect(changeRole(context, unknown)).rejects.toMatchObject({ code: 'member_not_found', status: 404 });
});
