import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { launchBrowser } from '../../e2e/support/browser.ts';
import { showComponents } from '../testing/browser-page.ts';

let browser: Browser;
let page: Page;
beforeAll(async () => void (browser = await launchBrowser()));
afterAll(() => browser?.close());
beforeEach(async () => void (page = await browser.newPage()));
afterEach(() => page.close());

/** What is left of an address, and how many entries the history got for it. */
async function leftOf(query: string): Promise<[string, number]> {
  await showComponents(
    page,
    import.meta.dirname,
    `import { createRoot } from 'react-dom/client';
     import { ForgetQuery } from './forget-query.tsx';
     history.replaceState({ of: 'Next' }, '', '/sign-in${query}');
     window.before = history.length;
     createRoot(document.getElementById('root')).render(<><ForgetQuery names={['notice', 'error']} /><p>Shown</p></>);`,
  );
  await page.getByText('Shown').waitFor();
  await expect.poll(() => page.evaluate(() => location.search)).not.toMatch(/notice|error/);
  expect(await page.evaluate(() => history.state)).toEqual({ of: 'Next' });
  return page.evaluate(() => [
    location.pathname + location.search + location.hash,
    history.length - Number(Reflect.get(window, 'before')),
  ]);
}

it('takes out what it is told to, and leaves the rest of the address', async () => {
  const left = await leftOf('?notice=a&returnTo=%2Fstudio%2Fagents%3Fq%3D1&error=b&notice=c#here');
  expect(left).toEqual(['/sign-in?returnTo=%2Fstudio%2Fagents%3Fq%3D1#here', 0]);
});

it('leaves no question mark behind', async () => expect(await leftOf('?notice=a')).toEqual(['/sign-in', 0]));
