import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Cookie, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { PASSWORD } from './support/people.ts';
import { waitFor } from './support/product.ts';

const SHOTS = process.env.SCREENSHOTS;

async function screenshot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

describe('the way of a teammate', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('leads from the invitation to an answer of the sample agent in Studio', async () => {
    const { url, admin } = inject('product');
    const invitation = await inviteInBrowser(browser, url, admin.browserCookies);

    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(invitation);
    await page.getByLabel('Name').fill('Second Person');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await screenshot(page, 'invitation');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL(/\/workspace/);
    await screenshot(page, 'workspace');
    await page.waitForURL(/\/studio\//, { timeout: 120_000 });

    const agent = page.getByRole('link', { name: /assistant/i }).first();
    await agent.waitFor({ timeout: 30_000 });
    await screenshot(page, 'studio-agents');
    await agent.click();
    const composer = page.getByPlaceholder('Enter your message');
    const question = 'Hello! What can you do?';
    await composer.fill(question);
    const history = page.waitForResponse(/\/threads\/[^/]+\/messages\?/, { timeout: 60_000 });
    // Awaited only once the answer is there.
    history.catch(() => {});
    await composer.press('Enter');
    const answer = page.getByText(/Demo model: /).last();
    await answer.waitFor({ timeout: 30_000 });
    const text = await waitFor(
      async () => {
        const now = (await answer.textContent()) ?? '';
        return now.length > 60 ? now : undefined;
      },
      30_000,
      'a whole answer',
    );
    expect(text).toContain('Demo model');
    await page.waitForURL(/\/threads\/(?!new)/);
    await (await history).finished();
    // Twice, for the page to show what it has read.
    for (let frame = 0; frame < 2; frame += 1) await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await page.getByText(question, { exact: true }).count()).toBe(1);
    // The conversation is kept in the sandbox.
    await page.reload();
    await page.getByText(text.trim()).waitFor({ timeout: 30_000 });
    await screenshot(page, 'studio-chat');
  });
});

/** The admin makes a link for the second person on the team page. */
async function inviteInBrowser(browser: Browser, url: string, cookies: Cookie[]): Promise<string> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(`${url}/team`);
  await page.getByLabel('E-mail').fill(`second-${randomBytes(3).toString('hex')}@example.com`);
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  await screenshot(page, 'team');
  await context.close();
  return link;
}
