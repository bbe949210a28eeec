import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { disableMember, enableMember } from '../auth/members.ts';
import { ensureSandbox } from '../sandbox/ensure.ts';
import { createTestContext, eventually, insertUser, type TestContext } from '../testing.ts';
import { formatVirtualKey } from './format.ts';
import { mintVirtualKey } from './mint.ts';
import { createKeyResolver, type KeyResolver } from './resolver.ts';

let context: TestContext;
let resolver: KeyResolver;
let admin: string;
beforeAll(async () => {
  context = await createTestContext();
  resolver = createKeyResolver(context);
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(async () => {
  resolver.close();
  await context.close();
});

async function keyOfNewUser() {
  const userId = await insertUser(context);
  const { id: sandbox } = await ensureSandbox(context, userId);
  return { userId, sandbox, key: await mintVirtualKey(context, { userId, sandbox }) };
}

it('resolves a key to its user, and keeps only its hash', async () => {
  const { userId, sandbox, key } = await keyOfNewUser();
  expect(key).toMatch(new RegExp(`^vk_${userId}_[0-9a-f]{32}$`));
  expect(await resolver.resolveKey(key)).toMatchObject({ userId, sandbox, kind: 'sandbox' });
  const row = await context.database.db
    .selectFrom('virtual_keys')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain(key.slice(-32));
  await eventually(async () => {
    const { last_used_at: used } = await context.database.db
      .selectFrom('virtual_keys')
      .select('last_used_at')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow();
    return used;
  });
});

it('refuses malformed keys without asking the database', async () => {
  const select = vi.spyOn(context.database.db, 'selectFrom');
  const id = crypto.randomUUID();
  for (const key of [
    '',
    'vk_',
    'sk-123',
    `vk_${id}_`,
    `vk_${id}_${'g'.repeat(32)}`,
    `vk_${id}_${'a'.repeat(33)}`,
    `vk_${id.toUpperCase()}_${'a'.repeat(32)}`,
    'x'.repeat(100_000),
  ]) {
    expect(await resolver.resolveKey(key)).toBeNull();
  }
  expect(select).not.toHaveBeenCalled();
  select.mockRestore();
});

it('refuses an unknown key', async () => {
  expect(await resolver.resolveKey(formatVirtualKey(crypto.randomUUID(), Buffer.alloc(16)))).toBeNull();
});

it('stops resolving an earlier key of the sandbox within a second, and a revoked one', async () => {
  const { userId, sandbox, key } = await keyOfNewUser();
  expect(await resolver.resolveKey(key)).not.toBeNull();
  const second = await mintVirtualKey(context, { userId, sandbox });
  await eventually(async () => (await resolver.resolveKey(key)) === null, 1_000);
  expect(await resolver.resolveKey(second)).not.toBeNull();
});

it('stops resolving the keys of a disabled member within a second', async () => {
  const { userId, key } = await keyOfNewUser();
  expect(await resolver.resolveKey(key)).not.toBeNull();
  await disableMember(context, { userId, by: admin });
  await eventually(async () => (await resolver.resolveKey(key)) === null, 1_000);
  await enableMember(context, { userId, by: admin });
  await eventually(async () => (await resolver.resolveKey(key)) !== null, 1_000);
});

it('slows down who tries keys, and nobody whose key was good in the last hours, though it is checked', async () => {
  const own = createKeyResolver(context);
  const clock = vi.spyOn(performance, 'now');
  try {
    const from = { address: '192.0.2.1' };
    const [first, second] = [await keyOfNewUser(), await keyOfNewUser()];
    expect(await own.resolveFrom(first.key, from)).toMatchObject({ userId: first.userId });
    const guess = () => own.resolveFrom(formatVirtualKey(crypto.randomUUID(), randomBytes(16)), from);
    for (let count = 0; count < 30; count += 1) expect(await guess()).toBeNull();
    const later = performance.now() + 3_600_000;
    clock.mockImplementation(() => later);
    expect(await guess()).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
    // A key that this process has never seen could be a guess.
    expect(await own.resolveFrom(second.key, from)).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
    expect(await own.resolveFrom(first.key, from)).toMatchObject({ userId: first.userId });
    await disableMember(context, { userId: first.userId, by: admin });
    await eventually(async () => (await own.resolveFrom(first.key, from)) === null, 1_000);
    expect(await own.resolveFrom(first.key, from)).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
  } finally {
    clock.mockRestore();
    own.close();
  }
});

it('refuses an expired key, also from the cache', async () => {
  const { userId, key } = await keyOfNewUser();
  let now = new Date();
  const own = createKeyResolver({ ...context, now: () => now });
  await context.database.db
    .updateTable('virtual_keys')
    .set({ expires_at: new Date(Date.now() + 60_000) })
    .where('user_id', '=', userId)
    .execute();
  expect(await own.resolveKey(key)).not.toBeNull();
  now = new Date(Date.now() + 61_000);
  expect(await own.resolveKey(key)).toBeNull();
  own.close();
});
