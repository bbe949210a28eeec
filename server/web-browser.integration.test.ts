import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../e2e/support/browser.ts';
import { createInvitation } from '../lib/auth/invitations.ts';
import { showWeb } from './testing/web-page.ts';
import { ORIGIN, startWeb, Team, type Web } from './testing/web-team.ts';

let parts: Web;
let team: Team;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  parts = await startWeb();
  team = await Team.create(parts);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await parts?.close();
});
beforeEach(async () => void (page = await browser.newPage()));
afterEach(() => page.close());

const open = async (path: string, cookie?: string) => {
  await showWeb(page, parts.web, cookie);
  await page.goto(`${ORIGIN}${path}`);
};
const address = () => page.url().slice(ORIGIN.length);

describe('what is told once', () => {
  it('leaves the address of the account page, and is not told again', async () => {
    await open('/account?notice=password_changed', team.adminCookie);
    await page.getByText('Your password is changed.').waitFor();
    await expect.poll(address).toBe('/account');
    await page.reload();
    await page.getByRole('heading', { name: 'Account' }).waitFor();
    expect(await page.getByText('Your password is changed.').count()).toBe(0);
  });

  it('leaves the address of the sign-in page, which keeps where one wants to be', async () => {
    await open('/sign-in?notice=signed_out&returnTo=%2Faccount&error=wrong_credentials');
    await page.getByText('You were signed out.').waitFor();
    await expect.poll(address).toBe('/sign-in?returnTo=%2Faccount');
    expect(await page.getByText('The e-mail address or the password is wrong.').count()).toBe(1);
  });

  it('is gone from the address of a link, with its token', async () => {
    const { url } = await createInvitation(parts.context, { role: 'member', by: team.adminId });
    await open(url.slice(ORIGIN.length));
    await page.getByRole('heading', { name: 'Join your team' }).waitFor();
    await expect.poll(address).toBe('/invite');
  });
});

describe('the header', () => {
  it.each([
    [320, false],
    [360, false],
    [390, true],
    [1280, true],
  ])('fits in %d pixels, and has the word for the workspace where there is room: %s', async (width, word) => {
    await page.close();
    page = await browser.newPage({ viewport: { width, height: 800 }, hasTouch: true, isMobile: width < 500 });
    await open('/account', team.adminCookie);
    const header = page.getByRole('banner');
    const box = await header.getByRole('button', { name: 'Sign out' }).boundingBox();
    // Its text ends where the page's does.
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width - 10);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect((await header.boundingBox())?.height).toBeLessThan(60);
    expect(await header.getByRole('link', { name: 'Workspace' }).isVisible()).toBe(word);
    const mark = header.getByRole('link', { name: 'Shmastra Cloud' });
    expect([await mark.getAttribute('href'), await mark.getAttribute('title')]).toEqual([
      '/workspace',
      'Your workspace',
    ]);
  });
});
