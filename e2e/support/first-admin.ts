import type { Cookie, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { PASSWORD } from './people.ts';

export type Admin = { email: string; cookie: string; browserCookies: Cookie[] };

const ADMIN = 'admin@example.com';

/** Opens the set-up URL in Chromium and fills in its form, as the engineer who has just run `npm start` does. */
export function makeFirstAdmin(setupUrl: string): Promise<Admin> {
  return withForm(setupUrl, async (page) => {
    await page.getByLabel('Name').fill('First Admin');
    return 'Create admin';
  });
}

export function signInAsAdmin(url: string): Promise<Admin> {
  return withForm(`${url}/sign-in`, async () => 'Sign in');
}

async function withForm(address: string, fill: (page: Page) => Promise<string>): Promise<Admin> {
  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext()).newPage();
    await page.goto(address);
    await page.getByLabel('E-mail').fill(ADMIN);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    const button = await fill(page);
    await page.getByRole('button', { name: button }).click();
    await page.waitForURL(/\/(workspace|studio)/);
    const browserCookies = await page.context().cookies();
    const cookie = browserCookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return { email: ADMIN, cookie, browserCookies };
  } finally {
    await browser.close();
  }
}
