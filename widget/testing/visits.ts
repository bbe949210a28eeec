import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { ChatPage, launchBrowser } from './browser.ts';
import { startSite, type Site } from './site.ts';

const root = resolve(import.meta.dirname, '../..');

/** A phone of the usual width, whose person may be notified. */
export const phone = (height: number): BrowserContextOptions => ({
  viewport: { width: 390, height },
  hasTouch: true,
  isMobile: true,
  permissions: ['notifications'],
});

/** For one file of tests: a browser, and a site with the built widget that each test visits anew. */
export function visits() {
  let browser: Browser;
  let site: Site;
  let shared: BrowserContext;
  let pages: ChatPage[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/build-widget.ts'], { cwd: root, stdio: 'inherit' });
    [browser, site] = await Promise.all([launchBrowser(), startSite()]);
    shared = await newContext();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    const errors = pages.flatMap((page) => page.errors);
    // One context for most tests: the browser keeps the compiled script, and each test begins with nothing remembered.
    await pages[0]?.page.evaluate(() => localStorage.clear());
    await Promise.all(pages.map(({ page }) => (page.context() === shared ? page.close() : page.context().close())));
    pages = [];
    site.reset();
    if (errors.length > 0) throw new Error(`The page's scripts failed: ${errors.join('; ')}`);
  });

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    return context;
  }

  async function visit(path = '/studio/agents?shmastra=open', options?: BrowserContextOptions): Promise<ChatPage> {
    const context = options ? await newContext(options) : shared;
    return secondTab(new ChatPage(await context.newPage()), path);
  }

  async function secondTab(chat: ChatPage, path: string): Promise<ChatPage> {
    pages.push(chat);
    await chat.page.goto(site.url + path);
    return chat;
  }

  return { startedSite: () => site, newContext, visit, secondTab };
}
