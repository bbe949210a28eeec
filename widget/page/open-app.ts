import * as z from 'zod/mini';
import { ApiFailure, failureOf, offlineFailure } from '../api/failure.ts';
import { safeLink } from './navigate.ts';

/** Name of the app that a path such as `/apps/greeter` is about, or null. */
export function appOfPath(path: string): string | null {
  return /^\/apps\/([A-Za-z0-9][\w-]{0,63})\/?$/.exec(path)?.[1] ?? null;
}

/** Tabs that were opened, for names of their own. */
let opened = 0;

/**
 * Opens an app of the project in a new tab, on its own origin. The tab is opened within the click, before the address is
 * known, since browsers refuse one that comes later.
 */
export async function openApp(app: string): Promise<void> {
  const name = `app-${Date.now()}-${opened++}`;
  const tab = window.open('about:blank', name);
  try {
    const address = await askForAddress(app);
    if (!tab)
      throw new ApiFailure(
        'refused',
        'popup_blocked',
        'The browser kept the new tab from opening. Allow it, and try again.',
      );
    tab.opener = null;
    follow(address, name);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

/** By a link that says where it is: an app that is entered from nowhere asks the person first. */
function follow(address: string, tab: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.target = tab;
  link.referrerPolicy = 'strict-origin';
  link.click();
}

async function askForAddress(name: string): Promise<string> {
  const answer = await fetch('/api/apps/open', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
    signal: AbortSignal.timeout(20_000),
  }).catch(() => null);
  if (!answer) throw offlineFailure();
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw failureOf(answer.status, body, answer.headers.get('retry-after'));
  const parsed = z.object({ url: z.string() }).safeParse(body);
  const address = parsed.success ? safeLink(parsed.data.url, location.href) : null;
  if (address === null) throw new ApiFailure('refused', 'unreadable', 'The app could not be opened.');
  return address;
}
