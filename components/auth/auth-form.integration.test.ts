import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { launchBrowser } from '../../e2e/support/browser.ts';
import { showComponents } from '../testing/browser-page.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());
afterEach(() => page.close());

const error = {
  code: 'too_many_attempts',
  message: 'There were too many attempts to sign in.',
  next: 'Try again in 15 minutes.',
};

beforeEach(async () => {
  page = await browser.newPage();
  await page.route('**/api/auth/sign-in', (route) =>
    route.fulfill({ status: 429, headers: { 'retry-after': '850' }, json: { error } }),
  );
  await showComponents(
    page,
    import.meta.dirname,
    `import { createRoot } from 'react-dom/client';
     import { AuthForm } from './auth-form.tsx';
     createRoot(document.getElementById('root')).render(
       <AuthForm action="/api/auth/sign-in" submit="Sign in" busy="Signing in…">
         <input name="email" aria-label="E-mail" /><input name="password" aria-label="Password" />
       </AuthForm>,
     );`,
  );
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(error.message).waitFor();
});

it('says once how long to wait, on the button', async () => {
  const text = await page.locator('form').textContent();
  expect(text?.match(/Try again in/g)).toHaveLength(1);
  expect(text).toMatch(/Try again in 14 min \d+ s/);
});

it('lets somebody else try at once, and the same person not before the time', async () => {
  await page.getByLabel('Password').fill('another one');
  expect(await page.getByRole('button').isDisabled()).toBe(true);
  await page.getByLabel('E-mail').fill('bob@example.com');
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await page.getByRole('button').isEnabled()).toBe(true);
  expect(await page.getByText(error.message).count()).toBe(0);
});
