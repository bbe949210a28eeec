import { resolve } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PAGE = `<!doctype html><meta name="viewport" content="width=device-width"><title>Studio</title>
<script type="module" src="/companion.js"></script>`;
const ASLEEP = { error: { code: 'sandbox_paused' }, status: 'paused' };
let browser: Browser;
let script: string;

beforeAll(async () => {
  const entry = resolve(import.meta.dirname, 'main.ts');
  const bundled = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
  script = bundled.outputFiles[0]?.text ?? '';
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
});
afterAll(() => browser?.close());

/** A page with the companion; whatever it asks is answered with 503 and `body`, its events when `events` says so. */
async function visit(width: number, body: object, events?: () => Promise<void>): Promise<Page> {
  const touch = width < 640;
  const context = await browser.newContext({ viewport: { width, height: 600 }, hasTouch: touch, isMobile: touch });
  const page = await context.newPage();
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: PAGE });
    if (pathname === '/companion.js') return route.fulfill({ contentType: 'text/javascript', body: script });
    if (pathname.endsWith('/events')) await events?.();
    return route.fulfill({ status: 503, json: body });
  });
  await page.goto('http://studio.test/');
  return page;
}

test.each([
  [390, 366],
  [1280, 560],
])('at %i px the bar is as wide as its words need, in the middle', async (width, most) => {
  const page = await visit(width, ASLEEP);
  const bar = page.locator('.bar');
  await page.getByText('Your workspace is asleep. Everything is kept.').waitFor();
  const box = await bar.boundingBox();
  const lines = await page.locator('.text').evaluate((text) => text.getBoundingClientRect().height / 20);
  expect(lines).toBeLessThanOrEqual(width < 640 ? 2 : 1);
  expect(box?.width).toBeLessThanOrEqual(most);
  expect((box?.x ?? 0) + (box?.width ?? 0) / 2).toBeCloseTo(width / 2, 0);
  await page.context().close();
});

test('what somebody else on the page has heard of the sandbox counts, while an own attempt still waits', async () => {
  let attempts = 0;
  const page = await visit(1280, {}, async () => {
    attempts += 1;
    if (attempts > 1) await new Promise(() => {});
  });
  const bar = page.getByText('Your workspace does not answer.');
  await bar.waitFor();
  await expect.poll(() => attempts).toBe(2);
  await page.evaluate(() => window.dispatchEvent(new Event('shmastra:heard')));
  await bar.waitFor({ state: 'hidden', timeout: 1000 });
  await expect.poll(() => attempts).toBe(3);
  await page.context().close();
});

test('what fails at once is not tried at each word that somebody else hears', async () => {
  let attempts = 0;
  const page = await visit(1280, {}, async () => void (attempts += 1));
  const bar = page.getByText('Your workspace does not answer.');
  for (let word = 0; word < 20; word += 1) {
    await bar.waitFor({ timeout: 500 }).catch(() => {});
    await page.evaluate(() => window.dispatchEvent(new Event('shmastra:heard')));
  }
  expect(attempts).toBeGreaterThanOrEqual(2);
  expect(attempts).toBeLessThan(8);
  await page.context().close();
});
