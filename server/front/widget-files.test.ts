import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browser, startTestFront, type TestFront } from './testing.ts';
import { loadWidget } from './widget-files.ts';

let front: TestFront;
const { get, post } = browser(() => front);

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());

test("Studio's page loads the widget by one tag, which its policy allows", async () => {
  const { cookie } = await front.member();
  const page = await get('/studio/agents', { cookie, accept: 'text/html' });
  const html = await page.text();
  expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/widget/widget-0f3a9c21.js">']);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const again = await get('/studio/agents', { cookie, 'if-none-match': page.headers.get('etag') ?? '' });
  expect(again.status).toBe(304);
});

test('is served to everybody, compressed, and kept for ever', async () => {
  const script = await get('/widget/widget-0f3a9c21.js', { 'accept-encoding': 'br' });
  expect(script.status).toBe(200);
  expect(Object.fromEntries(script.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-encoding': 'br',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  expect(await script.text()).toContain('globalThis.widget');
});

test.each(['/widget', '/widget/', '/widget/manifest.json', '/widget/widget-00000000.js', '/widget/a/b.js'])(
  '%s is not there',
  async (path) => expect((await get(path)).status).toBe(404),
);

test('cannot be written to', async () => {
  expect((await post('/widget/widget-0f3a9c21.js')).status).toBe(405);
});

test('a missing or half-made build says what to run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-widget-'));
  try {
    await expect(loadWidget(join(folder, 'none'))).rejects.toThrow('npm run build:widget');
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ script: 'widget-0f3a9c21.js' }));
    await expect(loadWidget(folder)).rejects.toThrow('widget-0f3a9c21.js is missing. Run: npm run build:widget');
    await writeFile(join(folder, 'manifest.json'), '{"script":');
    await expect(loadWidget(folder)).rejects.toThrow('manifest.json cannot be read');
  } finally {
    await rm(folder, { recursive: true });
  }
});
