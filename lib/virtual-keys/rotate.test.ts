import { afterEach, beforeEach, expect, it } from 'vitest';
import { provisionSandbox } from '../sandbox/index.ts';
import { ensureSandbox, findSandbox } from '../sandbox/ensure.ts';
import { createTestContext, eventually, insertUser, type TestContext } from '../testing.ts';
import { createKeyResolver, type KeyResolver, listKeys, revokeKey, rotateVirtualKey, setKeyExpiry } from './index.ts';

let context: TestContext;
let resolver: KeyResolver;
let userId: string;
const actor = { kind: 'admin', id: crypto.randomUUID() } as const;
beforeEach(async () => {
  context = await createTestContext();
  resolver = createKeyResolver(context);
  userId = await insertUser(context);
  const { id } = await ensureSandbox(context, userId);
  await provisionSandbox(context, { sandbox: id }, new AbortController().signal);
});
afterEach(async () => {
  resolver.close();
  await context.close();
});
const keyInSandbox = () => {
  const [sandbox] = context.engine.sandboxes.values();
  return /^VIRTUAL_KEY=(.+)$/m.exec(sandbox?.environment ?? '')?.[1] ?? '';
};
const works = async (key: string) => (await resolver.resolveKey(key)) !== null;

it('writes a new key into the running sandbox, and lets the old one live for the grace', async () => {
  const old = keyInSandbox();
  expect(await works(old)).toBe(true);
  const { oldUntil } = await rotateVirtualKey(context, { userId, actor, graceSeconds: 60 });
  const fresh = keyInSandbox();
  expect(fresh).not.toBe(old);
  expect([await works(old), await works(fresh)]).toEqual([true, true]);
  expect(oldUntil.getTime() - Date.now()).toBeGreaterThan(50_000);
  const later = createKeyResolver({ ...context, now: () => new Date(Date.now() + 61_000) });
  expect([await later.resolveKey(old), (await later.resolveKey(fresh)) !== null]).toEqual([null, true]);
  later.close();
  const [newest, oldest] = await listKeys(context, userId);
  expect([newest?.current, oldest?.current]).toEqual([true, false]);
  const actions = await context.database.db.selectFrom('audit_log').select('action').orderBy('id').execute();
  expect(actions.map(({ action }) => action)).toEqual([
    'virtual_key.minted',
    'virtual_key.minted',
    'virtual_key.rotated',
  ]);
});

it('without a grace the old key ends within a second', async () => {
  const old = keyInSandbox();
  await works(old);
  await rotateVirtualKey(context, { userId, actor, graceSeconds: 0 });
  await eventually(async () => !(await works(old)), 1_000);
  expect(await works(keyInSandbox())).toBe(true);
});

it('wakes a sandbox that is asleep', async () => {
  const [sandbox] = context.engine.sandboxes.values();
  if (sandbox) sandbox.state = 'paused';
  await context.database.db.updateTable('sandboxes').set({ status: 'paused' }).execute();
  await rotateVirtualKey(context, { userId, actor });
  expect((await findSandbox(context, userId))?.status).toBe('ready');
  expect(await works(keyInSandbox())).toBe(true);
});

it('keeps the old key as it was when the new one cannot be written', async () => {
  const old = keyInSandbox();
  context.engine.before = (operation) => {
    if (operation === 'run') throw new Error('the sandbox is out of reach');
  };
  await expect(rotateVirtualKey(context, { userId, actor })).rejects.toThrow('out of reach');
  const rows = await listKeys(context, userId);
  expect(rows.find(({ current }) => current)?.expiresAt).toBeNull();
  expect([keyInSandbox() === old, await works(old)]).toEqual([true, true]);
});

it('does not rotate what does not run', async () => {
  await context.database.db.updateTable('sandboxes').set({ status: 'broken', error_code: 'test' }).execute();
  await expect(rotateVirtualKey(context, { userId, actor })).rejects.toMatchObject({ code: 'workspace_not_ready' });
  const stranger = await insertUser(context);
  await expect(rotateVirtualKey(context, { userId: stranger, actor })).rejects.toMatchObject({ code: 'no_workspace' });
});

it('revokes a key everywhere within a second, and sets when one ends', async () => {
  const elsewhere = createKeyResolver(context);
  const key = keyInSandbox();
  expect(await elsewhere.resolveKey(key)).not.toBeNull();
  const [info] = await listKeys(context, userId);
  await setKeyExpiry(context, { keyId: info?.id ?? '', actor, expiresAt: new Date(Date.now() - 1) });
  await eventually(async () => (await elsewhere.resolveKey(key)) === null, 1_000);
  await setKeyExpiry(context, { keyId: info?.id ?? '', actor, expiresAt: null });
  await eventually(async () => (await elsewhere.resolveKey(key)) !== null, 1_000);
  await revokeKey(context, { keyId: info?.id ?? '', actor });
  await eventually(async () => (await elsewhere.resolveKey(key)) === null, 1_000);
  await expect(revokeKey(context, { keyId: crypto.randomUUID(), actor })).rejects.toMatchObject({ status: 404 });
  elsewhere.close();
});

it('slows down who tries keys, without asking Postgres about each, and lets good ones through', async () => {
  const from = { address: '10.0.0.9' };
  const good = keyInSandbox();
  expect(await resolver.resolveFrom(good, from)).toMatchObject({ userId });
  const guess = (index: number) => `vk_${userId}_${index.toString(16).padStart(32, '0')}`;
  for (let index = 0; index < 30; index += 1) expect(await resolver.resolveFrom(guess(index), from)).toBeNull();
  expect(await resolver.resolveFrom(guess(31), from)).toMatchObject({ retryAfterSeconds: expect.any(Number) });
  expect(await resolver.resolveFrom(guess(31), { address: '10.0.0.10' })).toBeNull();
  expect(await resolver.resolveFrom(good, from)).toMatchObject({ userId });
});
