import type { ServerResponse } from 'node:http';
import { APPS_SECURITY_HEADERS } from '../../lib/apps/index.ts';
import type { RequestKind } from '../../lib/mastra-proxy/classify.ts';
import type { Refusal } from '../../lib/mastra-proxy/decide.ts';
import { sendPage } from './page.ts';
import { sendRefusal } from './respond.ts';

const HOW = 'Open it from the list of apps in the chat in Studio.';

/** The same for all who may not: which origins there are, and whose, is nobody's business. */
export const APP_NOT_OPEN: Refusal = {
  action: 'refuse',
  httpStatus: 401,
  code: 'app_not_open',
  message: 'This app is not open in this browser.',
  next: HOW,
};

export const NO_APP_HERE: Refusal = {
  action: 'refuse',
  httpStatus: 404,
  code: 'app_not_found',
  message: 'There is no app at this address.',
  next: HOW,
};

/** A refusal on an apps' origin: a page for people, JSON for scripts, with the headers of that origin. */
export function sendAppsRefusal(res: ServerResponse, refusal: Refusal, kind: RequestKind, ownOrigin: string): void {
  if (res.headersSent || res.destroyed) return;
  for (const [name, value] of Object.entries(APPS_SECURITY_HEADERS)) res.setHeader(name, value);
  if (kind !== 'navigation') return sendRefusal(res, refusal);
  const reload = refusal.retryAfterSeconds;
  const ofSandbox = refusal.sandboxStatus !== undefined || refusal.code === 'sandbox_missing';
  sendPage(res, {
    status: refusal.httpStatus,
    title: refusal.message,
    text: reload === undefined ? (refusal.next ?? HOW) : 'This page reloads by itself.',
    ...(reload === undefined ? {} : { reloadSeconds: reload }),
    link: ofSandbox
      ? { href: `${ownOrigin}/workspace`, label: 'Open workspace' }
      : { href: `${ownOrigin}/studio/agents`, label: 'Open Studio' },
  });
}
