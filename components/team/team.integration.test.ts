import type { Browser, Locator, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { launchBrowser } from '../../e2e/support/browser.ts';
import { showComponents } from '../testing/browser-page.ts';

let browser: Browser;
let page: Page;
/** Requests that wait for their answer. */
let waiting: Route[];
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());
afterEach(() => page.close());

beforeEach(async () => {
  page = await browser.newPage();
  waiting = [];
  await page.route('**/api/team/**', (route) => void waiting.push(route));
  await showComponents(
    page,
    import.meta.dirname,
    `import { createRoot } from 'react-dom/client';
     import { Team } from './team.tsx';
     const member = (email) => ({ id: email, email, name: '', role: 'member', own: false, disabled: false,
       lastSeen: 'Never', status: null, reason: null, canRetry: false });
     const invitation = (email) => ({ id: email, email, role: 'member', expires: 'in 6 days', invitedBy: 'Ada' });
     const members = ['bob@example.com', 'carol@example.com'].map(member);
     const root = createRoot(document.getElementById('root'));
     const show = (...invitations) => root.render(<Team members={members} invitations={invitations.map(invitation)} />);
     window.refresh = () => show();
     show('dave@example.com');`,
  );
});

// Without styles nothing parts the word from the address that only screen readers get.
const button = (what: string, email: string) => page.getByRole('button', { name: new RegExp(`^${what} ?${email}$`) });
const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');

it('keeps the focus on the button while a change is under way, and makes one change at a time', async () => {
  await button('Disable', 'bob@example.com').press('Enter');
  await expect.poll(() => waiting.length).toBe(1);
  expect(await button('Disable', 'carol@example.com').getAttribute('aria-disabled')).toBe('true');
  expect(await focused()).toBe('Disablebob@example.com');
  await button('Disable', 'carol@example.com').click({ force: true });
  await button('Disable', 'bob@example.com').press('Enter');
  await waiting[0]?.fulfill({ json: { done: true } });
  await page.getByText('bob@example.com is disabled').waitFor();
  expect(waiting).toHaveLength(1);
  expect(await button('Disable', 'carol@example.com').getAttribute('aria-disabled')).toBe('false');
});

it('tells what came of a change until it is closed, and moves no row for it', async () => {
  const top = async () => (await button('Disable', 'carol@example.com').boundingBox())?.y;
  const before = await top();
  await button('Disable', 'bob@example.com').click();
  await expect.poll(() => waiting.length).toBe(1);
  await waiting[0]?.fulfill({ json: { done: true } });
  const notice = page.getByRole('status').filter({ hasText: 'bob@example.com is disabled' });
  await notice.waitFor();
  expect(await top()).toBe(before);
  await notice.getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'detached' });
  expect(await focused()).toContain('Members (2)');
});

describe('at the edge of a small window', () => {
  // What of the styles decides: without them the notice is at the end of the page and covers nothing.
  const styles = '.sticky { position: sticky; bottom: 16px } tr { height: 150px } section { padding-bottom: 100px }';
  const notice = () => page.getByRole('status').filter({ hasText: 'is disabled' });
  /** How far above the notice something ends, in pixels. */
  const room = async (what: Locator) => {
    const [above, below] = [await what.boundingBox(), await notice().boundingBox()];
    return Math.round((below?.y ?? 0) - (above?.y ?? 0) - (above?.height ?? 0));
  };

  async function disableBob(): Promise<void> {
    await page.setViewportSize({ width: 390, height: 400 });
    await page.addStyleTag({ content: styles });
    const bob = button('Disable', 'bob@example.com');
    // As low as one can still click it.
    await bob.evaluate((it) => window.scrollBy(0, it.getBoundingClientRect().bottom - window.innerHeight));
    await bob.click();
    await expect.poll(() => waiting.length).toBe(1);
    await waiting[0]?.fulfill({ json: { done: true } });
    await notice().waitFor();
  }

  it('leaves the row that it is about in sight, and what the focus comes to', async () => {
    await disableBob();
    await expect.poll(() => room(page.getByRole('row', { name: /bob@example.com/ }))).toBe(8);
    for (const next of ['Role of carol@example.com', 'Password link', 'Disable']) {
      await page.keyboard.press('Tab');
      const at = page.locator(':focus');
      expect((await at.getAttribute('aria-label')) ?? (await at.textContent())).toContain(next);
      expect(await room(at)).toBeGreaterThanOrEqual(8);
    }
  });

  it('is closed by Escape, and the focus stays where it is unless it was in there', async () => {
    await disableBob();
    await page.keyboard.press('Escape');
    await notice().waitFor({ state: 'detached' });
    expect(await focused()).toBe('Disablebob@example.com');

    await button('Disable', 'carol@example.com').click();
    await expect.poll(() => waiting.length).toBe(2);
    await waiting[1]?.fulfill({ json: { done: true } });
    await notice().getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Escape');
    await notice().waitFor({ state: 'detached' });
    expect(await focused()).toContain('Members (2)');
  });
});

it('keeps a link that is told only now from an Escape that was meant for something else', async () => {
  await button('Password link', 'bob@example.com').click();
  await expect.poll(() => waiting.length).toBe(1);
  await waiting[0]?.fulfill({ json: { url: 'https://example.com/password?token=t', expiresAt: '' } });
  const copy = page.getByRole('button', { name: 'Copy link' });
  await copy.waitFor();
  for (const place of [page.getByLabel('E-mail'), page.getByLabel('Role of bob@example.com')])
    await place.press('Escape');
  await page.locator('body').press('Escape');
  expect(await copy.count()).toBe(1);
  await copy.press('Escape');
  await copy.waitFor({ state: 'detached' });
});

it('says that a new invitation ended the one before', async () => {
  await page.getByLabel('E-mail').fill('dave@example.com');
  await page.getByRole('button', { name: 'Create link' }).click();
  await expect.poll(() => waiting.length).toBe(1);
  await waiting[0]?.fulfill({
    json: { id: '1', url: 'https://example.com/invite?token=t', replaced: 1, expiresAt: '' },
  });
  await page.getByText('The link made before for this address no longer works.').waitFor();
  expect(await page.getByText('PUBLIC_URL').count()).toBe(0);
});

it('says of a link that works on one machine alone what to do about it', async () => {
  await button('Password link', 'bob@example.com').click();
  await expect.poll(() => waiting.length).toBe(1);
  await waiting[0]?.fulfill({ json: { url: 'http://localhost:3000/password?token=t', expiresAt: '' } });
  const notice = page.getByRole('status').filter({ hasText: 'New password for bob@example.com' });
  await notice.getByText('It works on this machine alone, as localhost:3000 does.').waitFor();
  expect(await notice.textContent()).toContain('set PUBLIC_URL in .env as docs/one-box.md says');
});

it('takes the focus to the list when the revoked invitation leaves it', async () => {
  await button('Revoke', 'dave@example.com').press('Enter');
  await expect.poll(() => waiting.length).toBe(1);
  expect(await focused()).toBe('Revokedave@example.com');
  await waiting[0]?.fulfill({ json: { done: true } });
  await page.getByText('None is open.').waitFor();
  expect(await focused()).toContain('None is open.');
});
