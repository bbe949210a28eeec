import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../../e2e/support/browser.ts';
import { startTestFront, type TestFront, type TestMember } from './testing.ts';

// What only a browser decides: cookies, sites, windows, workers, downloads.
let front: TestFront;
let browser: Browser;
let context: BrowserContext;
let member: TestMember;

beforeAll(async () => {
  [front, browser] = [await startTestFront(), await launchBrowser()];
});
afterAll(async () => {
  await browser.close();
  await front.close();
});
beforeEach(async () => {
  member = await front.member();
  context = await browser.newContext();
  const [name = '', value = ''] = member.cookie.split('=');
  await context.addCookies([{ name, value, url: front.origin, httpOnly: true, sameSite: 'Lax' }]);
  front.web.handle = (_req, res) => {
    // As Studio's pages have it.
    res.setHeader('referrer-policy', 'same-origin');
    res.setHeader('cross-origin-opener-policy', 'same-origin');
    res.setHeader('content-type', 'text/html');
    res.end('<title>Control plane</title><a id="export" href="/api/mastra/__shmastra/v1/export" download>Export</a>');
  };
  front.sandbox.handle = (req, res) => {
    const isPage = req.url === '/apps/shop/';
    const isScript = req.url?.endsWith('.js');
    res.setHeader('content-type', isPage ? 'text/html' : isScript ? 'text/javascript' : 'application/json');
    if (isPage) res.end('<title>Shop</title><script>window.ran = true</script><script src="main.js"></script>');
    else if (isScript) res.end('window.main = true');
    else res.end('{"from":"sandbox"}');
  };
});
afterEach(() => context.close());

/** As the widget does it. */
async function openApp(): Promise<Page> {
  const studio = await context.newPage();
  await studio.goto(front.origin);
  const [app] = await Promise.all([
    context.waitForEvent('page'),
    studio.evaluate(async () => {
      const answer = await fetch('/api/apps/open', { method: 'POST', body: JSON.stringify({ name: 'shop' }) });
      const { url } = (await answer.json()) as { url: string };
      const tab = window.open('about:blank', 'the-app');
      if (tab) tab.opener = null;
      const link = Object.assign(document.createElement('a'), { href: url, target: 'the-app' });
      link.referrerPolicy = 'strict-origin';
      link.click();
    }),
  ]);
  await app.waitForURL('**/apps/shop/');
  return app;
}

test('an app opens from Studio, runs, and talks to its project', async () => {
  const app = await openApp();
  expect(new URL(app.url()).pathname + new URL(app.url()).search).toBe('/apps/shop/');
  expect(await app.title()).toBe('Shop');
  const seen = await app.evaluate(async () => ({
    scripts: ['ran' in window, 'main' in window],
    cookie: document.cookie,
    opener: window.opener === null,
    read: await fetch('/api/agents').then((answer) => answer.json() as Promise<unknown>),
    write: await fetch('/api/agents/a/generate', { method: 'POST', body: '{}' }).then(({ status }) => status),
  }));
  expect(seen).toEqual({ scripts: [true, true], cookie: '', opener: true, read: { from: 'sandbox' }, write: 200 });
  await app.reload();
  expect(await app.title()).toBe('Shop');
});

test('a link that somebody sent asks before it opens their app', async () => {
  const page = await context.newPage();
  await page.goto(front.origin);
  const url = await page.evaluate(async () => {
    const answer = await fetch('/api/apps/open', { method: 'POST', body: JSON.stringify({ name: 'shop' }) });
    return ((await answer.json()) as { url: string }).url;
  });
  const other = await browser.newContext();
  const victim = await other.newPage();
  await victim.goto(url);
  expect(await victim.title()).toBe('Open this app?');
  expect(await other.cookies()).toEqual([]);
  await victim.getByRole('button', { name: 'Open the app' }).click();
  await victim.waitForURL('**/apps/shop/');
  expect(await victim.title()).toBe('Shop');
  await other.close();
});

test('an app reaches nothing of the control plane', async () => {
  const app = await openApp();
  const asked: string[] = [];
  front.sandbox.handle = (req, res) => {
    asked.push(req.url ?? '');
    res.end('{}');
  };
  const result = await app.evaluate(async (control) => {
    const outcome = (promise: Promise<unknown>) =>
      promise.then(
        () => 'done',
        (error: Error) => error.name,
      );
    const framed = document.createElement('iframe');
    framed.src = `${control}/studio`;
    document.body.append(framed);
    const pixel = new Image();
    pixel.src = `${control}/api/mastra/api/agents?by=image`;
    const loaded = await new Promise((resolve) => {
      pixel.addEventListener('load', () => resolve('loaded'));
      pixel.addEventListener('error', () => resolve('refused'));
    });
    document.cookie = 'shmastra.session_token=mine; domain=localhost; path=/';
    return {
      read: await outcome(fetch(`${control}/api/mastra/api/agents`, { credentials: 'include' })),
      write: await outcome(
        fetch(`${control}/api/activity`, { method: 'POST', credentials: 'include', mode: 'no-cors' }),
      ),
      worker: await outcome(navigator.serviceWorker.register('/apps/shop/worker.js')),
      loaded,
    };
  }, front.origin);
  expect(result).toEqual({
    read: 'TypeError',
    write: 'TypeError',
    worker: expect.stringMatching(/SecurityError|TypeError/) as string,
    loaded: 'refused',
  });
  expect(asked).toEqual([]);
  const [session] = await context.cookies(front.origin);
  expect(`${session?.name}=${session?.value}`).toBe(member.cookie);
});

test('a form of an app that posts to the control plane is refused', async () => {
  const app = await openApp();
  const answered: number[] = [];
  context.on('response', (response) => {
    if (response.url().startsWith(`${front.origin}/api/`)) answered.push(response.status());
  });
  // Even past the app's own policy, from a page without any: what counts is what the control plane says.
  await app.route('**/apps/shop/form', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${front.origin}/api/activity"></form>`,
    }),
  );
  await app.goto(new URL('/apps/shop/form', app.url()).href);
  await Promise.all([
    app.waitForResponse((response) => response.url().endsWith('/api/activity')),
    app.evaluate(() => document.forms[0]?.submit()),
  ]);
  expect(answered).toEqual([403]);
});

test("another person's cookie jar sees how to open the app", async () => {
  const app = await openApp();
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  const answer = await page.goto(app.url());
  expect(answer?.status()).toBe(401);
  expect(await page.locator('h1').textContent()).toBe('This app is not open in this browser.');
  expect(await page.locator('a').getAttribute('href')).toBe(`${front.origin}/studio/agents`);
  await stranger.close();
});

test('the export is downloaded under its name, whatever policy its answer has', async () => {
  front.sandbox.handle = (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="work.zip"' });
    res.end('zip');
  };
  const studio = await context.newPage();
  await studio.goto(front.origin);
  const byLink = await Promise.all([studio.waitForEvent('download'), studio.click('#export')]);
  expect(byLink[0].suggestedFilename()).toBe('work.zip');
  expect(await byLink[0].failure()).toBeNull();
  const byAddress = await Promise.all([
    studio.waitForEvent('download'),
    studio.evaluate(() => location.assign('/api/mastra/__shmastra/v1/export?format=zip')),
  ]);
  expect(await byAddress[0].failure()).toBeNull();
});
