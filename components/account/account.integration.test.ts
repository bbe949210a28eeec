import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { launchBrowser } from '../../e2e/support/browser.ts';
import { showComponents } from '../testing/browser-page.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());
beforeEach(async () => void (page = await browser.newPage()));
afterEach(() => page.close());

const show = (given: object) =>
  showComponents(
    page,
    import.meta.dirname,
    `import { createRoot } from 'react-dom/client';
     import { Account } from './account.tsx';
     const given = { email: 'ada@example.com', name: 'Ada', role: 'admin', hasPassword: true, changed: false };
     createRoot(document.getElementById('root')).render(<Account {...given} {...${JSON.stringify(given)}} />);`,
  );
const refuse = (status: number, error: object) =>
  page.route('**/api/auth/change-password', (route) => route.fulfill({ status, json: { error } }));

async function submit(current: string, next: string): Promise<void> {
  await page.getByLabel('Current password').fill(current);
  await page.getByLabel('New password').fill(next);
  await page.getByRole('button', { name: 'Change password' }).click();
}
const focused = () =>
  page.evaluate(() => {
    const field = document.activeElement;
    const described = (field?.getAttribute('aria-describedby') ?? '').split(' ');
    const texts = described.map((id) => document.querySelector(`#${id || 'none'}`)?.textContent ?? '');
    return { id: field?.id, invalid: field?.getAttribute('aria-invalid'), text: texts.join(' ') };
  });

it('says at the field that the current password is wrong, and nowhere else', async () => {
  await show({});
  await refuse(403, { code: 'wrong_password', message: 'The current password is wrong.', next: 'Ask an admin.' });
  await submit('not my password', 'a new password');
  await page.getByText('The current password is wrong. Ask an admin.').waitFor();
  expect(await focused()).toEqual({
    id: 'current',
    invalid: 'true',
    text: 'The current password is wrong. Ask an admin.',
  });
  expect(await page.getByRole('alert').count()).toBe(1);
});

it('says at the other field that the new one will not do', async () => {
  await show({ error: { code: 'invalid_password', message: 'The password needs at least 10 characters.' } });
  await expect.poll(async () => (await focused()).id).toBe('password');
  expect((await focused()).text).toBe('At least 10 characters. The password needs at least 10 characters.');
});

it('says below the form what is no matter of one field', async () => {
  await show({});
  await refuse(429, { code: 'too_many_attempts', message: 'There were too many attempts.' });
  await submit('not my password', 'a new password');
  expect(await page.getByRole('alert').textContent()).toBe('There were too many attempts.');
});

it('is understood by password managers', async () => {
  await show({});
  const fields = await page
    .locator('form input')
    .evaluateAll((inputs) => inputs.map((input) => [input.getAttribute('autocomplete'), input.getAttribute('value')]));
  expect(fields).toEqual([
    ['username', 'ada@example.com'],
    ['current-password', null],
    ['new-password', null],
  ]);
});

it('goes on where the answer says', async () => {
  await show({});
  await page.route('**/account?notice=password_changed', (route) => route.fulfill({ body: 'changed' }));
  let sent: unknown;
  await page.route('**/api/auth/change-password', (route) => {
    sent = route.request().postDataJSON();
    return route.fulfill({ json: { next: '/account?notice=password_changed' } });
  });
  await submit('my password', 'a new password');
  await page.waitForURL('**/account?notice=password_changed');
  expect(sent).toEqual({ email: 'ada@example.com', current: 'my password', password: 'a new password' });
});

it('has a sentence in place of the form for who signs in without a password', async () => {
  await show({ hasPassword: false });
  await page.getByText('You sign in with an account that is kept elsewhere.').waitFor();
  expect(await page.locator('form').count()).toBe(0);
});
