import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { acceptInvitation } from '../lib/auth/accept-invitation.ts';
import { invite } from '../lib/auth/testing-invitations.ts';
import { createTestContext, insertUser, type TestContext } from '../lib/testing.ts';

const origin = 'http://cloud.example';
const secret = 'a secret of the tests that is long enough';
const old = 'the old password';
const password = 'a new password';
let context: TestContext;
let admin: string;
let post: (request: Request) => Promise<Response>;
let signIn: (secret: string) => Promise<string>;
let close: () => Promise<void>;
let email: string;
let count = 0;

beforeAll(async () => {
  const env = { PUBLIC_URL: origin, AUTH_SECRET: secret };
  context = await createTestContext({ env });
  const all = { ...env, DATABASE_URL: context.database.url, DEPLOYMENT_ID: 'test-deployment', E2B_API_KEY: 'e2b_00' };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  ({ POST: post } = await import('../app/api/auth/change-password/route.ts'));
  const { getAuth, getContext, getSessions } = await import('../app/_server/context.ts');
  signIn = async (secret) => {
    const { cookies } = await getAuth().signIn({ email, password: secret, address: 'elsewhere' });
    return cookies[0]?.split(';')[0] ?? '';
  };
  close = async () => {
    getSessions().close();
    await getContext().jobs.close();
    await getContext().database.close();
  };
  admin = await insertUser(context, 'admin@example.com', 'admin');
});
afterAll(async () => {
  await close();
  await context.close();
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  const { token } = await invite(context, admin);
  ({ email } = await acceptInvitation(context, { token, email: `member${++count}@example.com`, password: old }));
});

const cookieOf = (headers: Headers) => headers.getSetCookie()[0]?.split(';')[0] ?? '';

type Sent = { cookie: string; json?: unknown; form?: Record<string, string>; from?: string };

async function change({ cookie, json, form, from = origin }: Sent) {
  const answer = await post(
    new Request(`${origin}/api/auth/change-password`, {
      method: 'POST',
      headers: {
        cookie,
        origin: from,
        'x-forwarded-for': `10.0.0.${count}`,
        'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      },
      body: form ? new URLSearchParams(form) : JSON.stringify(json),
    }),
  );
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

it('changes the password of who is signed in, from our own pages', async () => {
  const json = { current: old, password };
  expect((await change({ cookie: '', json })).status).toBe(401);
  const cookie = await signIn(old);
  const foreign = await change({ cookie, json, from: 'https://evil.example' });
  expect([foreign.status, foreign.body]).toEqual([403, expect.stringContaining('foreign_origin')]);
  const answer = await change({ cookie, json });
  expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { next: '/account?notice=password_changed' }]);
  await expect(signIn(old)).rejects.toMatchObject({ code: 'wrong_credentials' });
  const again = { current: password, password: old };
  expect((await change({ cookie, json: again })).status).toBe(401);
  expect((await change({ cookie: cookieOf(answer.headers), json: again })).status).toBe(200);
});

it('says what is wrong by a code, and for how long there is no more guessing', async () => {
  const cookie = await signIn(old);
  const short = await change({ cookie, json: { current: old, password: 'short' } });
  expect([short.status, short.body]).toEqual([400, expect.stringContaining('invalid_password')]);
  const guess = () => change({ cookie, json: { current: 'wrong', password } });
  for (let tries = 0; tries < 8; tries += 1) {
    const { status, body } = await guess();
    expect([status, body]).toEqual([403, expect.stringContaining('wrong_password')]);
  }
  const stopped = await guess();
  expect([stopped.status, Number(stopped.headers.get('retry-after')) > 0]).toEqual([429, true]);
});

it('works before the script of the page has loaded, with no password in an address', async () => {
  const cookie = await signIn(old);
  const answer = async (current: string) => {
    const { status, headers } = await change({ cookie, form: { email, current, password } });
    return [status, headers.get('location'), cookieOf(headers) !== ''];
  };
  expect(await answer('wrong')).toEqual([303, '/account?error=wrong_password', false]);
  expect(await answer(old)).toEqual([303, '/account?notice=password_changed', true]);
});

it('is bounded in what it reads', async () => {
  const cookie = await signIn(old);
  expect((await change({ cookie, json: { current: 'x'.repeat(200), password } })).status).toBe(400);
  expect((await change({ cookie, json: { current: old, password: 'x'.repeat(200) } })).status).toBe(400);
  expect((await change({ cookie, json: { current: old, password: 'x'.repeat(100_000) } })).status).toBe(413);
  expect((await change({ cookie, json: { password } })).status).toBe(400);
});
