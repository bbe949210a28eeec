import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../testing.ts';
import { acceptSetup, checkSetupToken, createSetupUrl } from './setup.ts';

let context: TestContext;
beforeEach(async () => void (context = await createTestContext()));
afterEach(() => context.close());

const account = { email: 'Ada@Example.com ', password: 'correct horse', name: 'Ada' };
const tokenOf = (url: string | null) => new URL(url ?? '').searchParams.get('token') ?? '';

it('makes the first admin once, and then prints no URL', async () => {
  const url = await createSetupUrl(context);
  expect(url).toMatch(/^http:\/\/localhost:3000\/setup\?token=[\w-]{43}$/);
  const token = tokenOf(url);
  await checkSetupToken(context, token);
  expect(await acceptSetup(context, { token, ...account })).toMatchObject({ email: 'ada@example.com' });
  await expect(acceptSetup(context, { token, ...account })).rejects.toMatchObject({
    code: 'already_set_up',
    status: 409,
  });
  expect(await createSetupUrl(context)).toBeNull();
  const users = await context.database.db.selectFrom('users').select(['email', 'role', 'name']).execute();
  expect(users).toEqual([{ email: 'ada@example.com', role: 'admin', name: 'Ada' }]);
});

it('keeps only a hash of the token', async () => {
  const token = tokenOf(await createSetupUrl(context));
  const rows = await context.database.db.selectFrom('setup_tokens').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(token);
});

it('refuses a token that is unknown, replaced or too old', async () => {
  const first = tokenOf(await createSetupUrl(context));
  const second = tokenOf(await createSetupUrl(context));
  for (const token of ['', 'x', first]) {
    await expect(acceptSetup(context, { token, ...account })).rejects.toMatchObject({ code: 'invalid_setup_token' });
  }
  await context.database.db
    .updateTable('setup_tokens')
    .set({ expires_at: new Date(0) })
    .execute();
  await expect(checkSetupToken(context, second)).rejects.toMatchObject({
    code: 'invalid_setup_token',
    next: expect.stringContaining('Open the link from the terminal once more.'),
  });
});

it('tells what is wrong with the input', async () => {
  const token = tokenOf(await createSetupUrl(context));
  await expect(acceptSetup(context, { ...account, token, password: 'short' })).rejects.toMatchObject({
    code: 'invalid_password',
  });
  await expect(acceptSetup(context, { ...account, token, email: 'ada' })).rejects.toMatchObject({
    code: 'invalid_email',
  });
});

it('lets one of several at once become the admin', async () => {
  const token = tokenOf(await createSetupUrl(context));
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => acceptSetup(context, { ...account, token, email: `${name}@example.com` })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
