import type { Page } from 'playwright-core';
import { ORIGIN } from './web-team.ts';
import type { WebProcess } from './web-process.ts';

/** Lets a browser's page have all of ORIGIN from the process, which listens on no port of its own. */
export async function showWeb(page: Page, web: WebProcess, cookie = ''): Promise<void> {
  await page.route(`${ORIGIN}/**`, async (route) => {
    const asked = route.request();
    const { pathname, search } = new URL(asked.url());
    const { status, headers, body } = await web.call(pathname + search, { headers: { ...asked.headers(), cookie } });
    const flat = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    await route.fulfill({ status, headers: Object.fromEntries(flat), body });
  });
}
