import type { HeaderBag } from '../mastra-proxy/request-headers.ts';
import { isEventStream, passedHeaders, single } from '../mastra-proxy/response-headers.ts';
import { keepAppsLocation } from './path.ts';

/**
 * What an app may do: run what its own origin gave it, and talk to that. It loads nothing from elsewhere and sends
 * nothing there, nobody frames it, and no form leads out. (A link can still be followed: no policy holds that.)
 */
const APP_POLICY = [
  "default-src 'self'",
  // Agents write small pages with scripts and styles in them.
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  "connect-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer of an apps' origin, ours and the sandbox's. */
export const APPS_SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Keeps sibling origins of one site in processes apart, and `document.domain` as it is.
  'origin-agent-cluster': '?1',
  'x-dns-prefetch-control': 'off',
};

/** Headers of a sandbox's answer for the browser on its apps' origin. The sandbox sets no cookies and opens no CORS. */
export function appResponseHeaders(from: HeaderBag, requestId: string): Record<string, string | string[]> {
  const headers = passedHeaders(from);
  const location = keepAppsLocation(single(from['location']));
  if (location !== null) headers['location'] = location;
  Object.assign(headers, APPS_SECURITY_HEADERS);
  headers['content-security-policy'] = APP_POLICY;
  if (isEventStream(single(from['content-type']))) headers['x-accel-buffering'] = 'no';
  // Behind a login: nothing between here and the browser may keep it, and an edit is seen at the next load.
  headers['cache-control'] = 'private, no-cache, no-transform';
  headers['x-request-id'] = requestId;
  return headers;
}
