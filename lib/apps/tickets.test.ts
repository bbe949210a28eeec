import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestContext, insertUser, lockWaits, type TestContext } from '../testing.ts';
import { disableMember } from '../auth/members.ts';
import { appCookie } from './cookie.ts';
import { appsLabel } from './origin.ts';
import { createAppSessionVerifier } from './sessions.ts';
import { enterApp, openApp } from './tickets.ts';

let context: TestContext;
beforeAll(async () => {
  context = await createTestContext();
});
afterAll(() => context.close());

/** A person with a workspace and a session. */
async function person(expiresAt = new Date(Date.now() + 3_600_000)) {
  const { db } = context.database;
  const userId = await insertUser(context);
  const name = { id: userId, email: `${userId}@example.com`, name: 'A member', emailVerified: true };
  await db.insertInto('identity.user').values(name).execute();
  const session = randomUUID();
  const token = randomBytes(24).toString('hex');
  await db
    .insertInto('identity.session')
    .values({ id: session, token, userId, expiresAt, updatedAt: new Date() })
    .execute();
  const { id: sandbox } = await db
    .insertInto('sandboxes')
    .values({ user_id: userId })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { userId, session, sandbox, label: appsLabel(context.settings, sandbox) };
}

type Person = Awaited<ReturnType<typeof person>>;

async function enter({ userId, session, sandbox, label }: Person) {
  const url = await openApp(context, { userId, session, sandbox, name: 'shop' });
  return enterApp(context, { ticket: new URL(url).searchParams.get('ticket') ?? '', label });
}

test('a ticket of a session that has ended or run out opens nothing', async () => {
  expect(await enter(await person(new Date(Date.now() - 1000)))).toBeNull();
  const gone = await person();
  const url = await openApp(context, { ...gone, name: 'shop' });
  await context.database.db.deleteFrom('identity.session').where('id', '=', gone.session).execute();
  const ticket = new URL(url).searchParams.get('ticket') ?? '';
  expect(await enterApp(context, { ticket, label: gone.label })).toBeNull();
});

test('a person has a bounded number of sessions, of which the newest stay', async () => {
  const someone = await person();
  const first = await enter(someone);
  for (let count = 0; count < 55; count++) await enter(someone);
  const last = await enter(someone);
  const rows = await context.database.db
    .selectFrom('app_sessions')
    .where('user_id', '=', someone.userId)
    .selectAll()
    .execute();
  expect(rows).toHaveLength(50);
  const verifier = createAppSessionVerifier(context);
  const verify = (entered: typeof first) =>
    verifier.verify(appCookie(context.settings, entered?.token ?? '', 1).split(';')[0], someone.label);
  expect(await verify(first)).toBeNull();
  expect(await verify(last)).toMatchObject({ userId: someone.userId, sandbox: someone.sandbox });
  verifier.close();
});

test('a session ends no later than the one that it was opened from', async () => {
  const soon = new Date(Date.now() + 5000);
  const someone = await person(soon);
  const entered = await enter(someone);
  let now = new Date();
  const verifier = createAppSessionVerifier({ ...context, now: () => now });
  const cookie = appCookie(context.settings, entered?.token ?? '', 1).split(';')[0];
  expect((await verifier.verify(cookie, someone.label))?.expiresAt).toEqual(soon);
  now = new Date(soon.getTime() + 1);
  expect(await verifier.verify(cookie, someone.label)).toBeNull();
  verifier.close();
});

test('the workspace that is gone takes its tickets and sessions with it', async () => {
  const someone = await person();
  await enter(someone);
  await openApp(context, { ...someone, name: 'shop' });
  const { db } = context.database;
  await db.deleteFrom('sandboxes').where('id', '=', someone.sandbox).execute();
  for (const table of ['app_tickets', 'app_sessions'] as const) {
    expect(await db.selectFrom(table).where('user_id', '=', someone.userId).selectAll().execute()).toEqual([]);
  }
});

test.each([
  ['signs out', 'enters one'],
  ['signs out', 'opens another'],
  ['is disabled', 'enters one'],
  ['is disabled', 'opens another'],
])('somebody %s at the moment at which they %s', async (end, what) => {
  const { db } = context.database;
  const someone = await person();
  await db.updateTable('users').set({ role: 'admin' }).where('id', '=', someone.userId).execute();
  const by = await insertUser(context, undefined, 'admin');
  const app = { ...someone, name: 'shop' };
  const ticket = new URL(await openApp(context, app)).searchParams.get('ticket') ?? '';
  // Cleared away by who opens another.
  if (what !== 'enters one')
    await db
      .updateTable('app_tickets')
      .set({ expires_at: new Date(0) })
      .execute();
  const attempts: Promise<unknown>[] = [];
  await db.transaction().execute(async (trx) => {
    // Stops the one half-way, until the other waits for it.
    await sql`lock table app_sessions, sandboxes in access exclusive mode`.execute(trx);
    attempts.push(what === 'enters one' ? enterApp(context, { ticket, label: app.label }) : openApp(context, app));
    await lockWaits(context, 1);
    attempts.push(
      end === 'signs out'
        ? db.deleteFrom('identity.session').where('id', '=', someone.session).execute()
        : disableMember(context, { userId: someone.userId, by }),
    );
    await lockWaits(context, 2);
  });
  expect(await Promise.allSettled(attempts)).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
  for (const table of ['app_tickets', 'app_sessions'] as const) {
    expect(await db.selectFrom(table).where('session', '=', someone.session).execute()).toEqual([]);
  }
});
