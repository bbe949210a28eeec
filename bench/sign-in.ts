// `npm run bench -- sign-in [--json]`: from the click with which a new person comes in ("Create account" on the page of
// the invitation, which also signs in) to the agent's row in Studio that can be clicked. People come one after another,
// each with a browser profile of their own, as on the first morning of a team.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../e2e/support/browser.ts';
import { makeFirstAdmin, signInAsAdmin } from '../e2e/support/first-admin.ts';
import { invite, PASSWORD, personFrom } from '../e2e/support/people.ts';
import { removeDataDir, startProduct, temporaryDataDir } from '../e2e/support/product.ts';
import { median } from './report.ts';

const TARGET_MS = 5000;
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    /** Keeps and reuses a data folder, so that the images are not made again. */
    'data-dir': { type: 'string' },
  },
});

const dataDir = values['data-dir'] ?? (await temporaryDataDir());
// First: without a browser there is nothing to start the rest for.
const browser = await launchBrowser();
const product = await startProduct({ dataDir }).catch(async (error: unknown) => {
  await browser.close();
  throw error;
});
try {
  const first = product.setupUrl ? await makeFirstAdmin(product.setupUrl) : await signInAsAdmin(product.url);
  const admin = personFrom(product.url, first.email, first.cookie);
  // A server that has made a workspace before is what is measured, and Chromium's first page is not.
  await comeIn(browser, await invite(admin, address('warm-up')));
  const times: number[] = [];
  for (let index = 1; index <= Number(values.people); index++) {
    const time = await comeIn(browser, await invite(admin, address(`bench-${index}`)));
    times.push(time);
    if (!values.json) console.log(`${index}: ${time} ms`);
  }
  const middle = median(times);
  const result = {
    clickToAgentMs: { median: middle, worst: Math.max(...times), all: times },
    targets: [{ target: `median at most ${TARGET_MS} ms`, value: middle, ok: middle <= TARGET_MS }],
  };
  console.log(values.json ? JSON.stringify(result) : result);
} finally {
  await browser.close();
  await product.stop();
  if (!values['data-dir']) await removeDataDir(dataDir);
}

function address(name: string): string {
  return `${name}-${randomBytes(3).toString('hex')}@example.com`;
}

async function comeIn(chromium: Browser, invitation: string): Promise<number> {
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(invitation);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.waitForLoadState('networkidle');
    const clicked = performance.now();
    await page.getByRole('button', { name: 'Create account' }).click();
    const agent = page.getByRole('link', { name: /assistant/i }).first();
    await agent.click({ trial: true, timeout: 120_000 });
    return Math.round(performance.now() - clicked);
  } finally {
    await context.close();
  }
}
