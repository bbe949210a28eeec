import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../e2e/support/browser.ts';
import { startTestFront, type TestFront } from './testing.ts';

// The built Studio with our scripts in its page.
const root = resolve(import.meta.dirname, '../..');
let front: TestFront;
let browser: Browser;
let sendEvent: (event: unknown) => void = () => {};

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/build-studio.ts'], { cwd: root });
  [front, browser] = [await startTestFront({}, undefined, resolve(root, '.studio')), await launchBrowser()];
  front.sandbox.handle = (req, res) => {
    if (req.url !== '/__shmastra/events') {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    sendEvent = (event) => res.write(`data: ${JSON.stringify(event)}\n\n`);
    sendEvent({ state: 'ready', revision: 1 });
  };
});
afterAll(async () => {
  await browser.close();
  await front.close();
});

/** Studio with a widget that keeps what it is told in `window.told`, after this. */
async function openStudio(widget: string): Promise<Page> {
  const { cookie } = await front.member();
  const context = await browser.newContext();
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: front.origin, httpOnly: true }]);
  const page = await context.newPage();
  await page.route('**/widget/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: widget }));
  await page.goto(`${front.origin}/studio/agents`);
  return page;
}

/** Milliseconds. */
const WAIT = { timeout: 30_000 };
const LISTENS = `window.told = [];
window.addEventListener('shmastra:state', ({ detail }) => window.told.push(detail));
window.dispatchEvent(new Event('shmastra:state?'));`;

test('Studio starts, and the companion follows the sandbox, when the widget fails', async () => {
  const page = await openStudio('throw new Error("the widget is broken")');
  await expect.poll(() => page.locator('#root > *').count(), WAIT).toBeGreaterThan(0);
  await page.evaluate(LISTENS);
  const told = () => page.evaluate(() => (window as unknown as { told: unknown[] }).told.length);
  expect(await told()).toBe(1);
});

test('the widget hears the state when it asks, and every change', async () => {
  const page = await openStudio(LISTENS);
  const told = () => page.evaluate(() => (window as unknown as { told: unknown[] }).told);
  const last = async () => (await told()).at(-1);
  await expect.poll(last, WAIT).toEqual({ view: 'ready', buildError: null, revision: '1' });
  sendEvent({ state: 'ready', revision: 1, error: { message: 'Unexpected "}"', file: 'src/mastra/a.ts', line: 3 } });
  await expect.poll(last, WAIT).toEqual({ view: 'ready', buildError: 'a.ts:3 Unexpected "}"', revision: '1' });
  sendEvent({ state: 'ready', revision: 2 });
  await expect.poll(last, WAIT).toEqual({ view: 'ready', buildError: null, revision: '2' });
  const count = (await told()).length;
  await page.evaluate(() => window.dispatchEvent(new Event('shmastra:state?')));
  expect(await told()).toHaveLength(count + 1);
});

test("the companion's bar stays below the widget", async () => {
  const page = await openStudio(LISTENS);
  const layer = await page.evaluate(() => {
    const host = document.querySelector('shmastra-companion');
    return host ? Number(getComputedStyle(host).zIndex) : null;
  });
  expect(layer).toBeLessThan(1000);
});
