import * as z from 'zod/mini';
import { ApiFailure, failureOf, offlineFailure } from '../api/failure.ts';
import { safeLink } from './navigate.ts';

/** Name of the app that a path such as `/apps/greeter` is about, or null. */
export function appOfPath(path: string): string | null {
  return /^\/apps\/([A-Za-z0-9][\w-]{0,63})\/?$/.exec(path)?.[1] ?? null;
}

/**
 * Opens an app of the project in a new tab, on its own origin. The tab is opened within the click, before the address is
 * known, since browsers refuse one that comes later.
 */
export async function openApp(name: string): Promise<void> {
  const tab = window.open('about:blank', '_blank');
  try {
    const address = await askForAddress(name);
    if (!tab)
      throw new ApiFailure(
        'refused',
        'popup_blocked',
        'The browser kept the new tab from opening. Allow it, and try again.',
      );
    tab.opener = null;
    tab.location.replace(address);
  } catch (error) {
    tab?.close();
    throw error;
  }
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
