import { expect, test } from 'vitest';
import { type AppsRequestFacts, checkAppsRequest } from './request-check.ts';
import type { AppsTarget } from './path.ts';

const OWN = 'https://abc.apps.example.com';
const LINK = { fetchSite: 'same-site', fetchMode: 'navigate', fetchDest: 'document' };

test.each<[string, AppsTarget['kind'], AppsRequestFacts, boolean]>([
  ['its own script', 'app', { method: 'GET', fetchSite: 'same-origin', fetchDest: 'script' }, true],
  ['its own call', 'api', { method: 'POST', origin: OWN, fetchSite: 'same-origin' }, true],
  ['a typed address', 'app', { method: 'GET', fetchSite: 'none', fetchMode: 'navigate' }, true],
  ['a link from Studio', 'app', { method: 'GET', ...LINK }, true],
  ['a link to the API', 'api', { method: 'GET', ...LINK }, false],
  ['a frame', 'app', { method: 'GET', ...LINK, fetchDest: 'iframe' }, false],
  ["another person's app", 'api', { method: 'GET', fetchSite: 'same-site', fetchMode: 'no-cors' }, false],
  ['a write of the control plane', 'api', { method: 'POST', origin: 'https://example.com' }, false],
  ["a write of another person's app", 'api', { method: 'POST', origin: 'https://b.apps.example.com' }, false],
  ['a write from nowhere', 'api', { method: 'POST', origin: 'null' }, false],
  ['a write without an origin', 'api', { method: 'DELETE' }, false],
  ['a preflight', 'api', { method: 'OPTIONS', origin: 'https://evil.example' }, false],
  ['a service worker', 'app', { method: 'GET', fetchSite: 'same-origin', fetchDest: 'serviceworker' }, false],
  [
    'a service worker by its header',
    'app',
    { method: 'GET', fetchSite: 'same-origin', serviceWorker: 'script' },
    false,
  ],
  ['a ticket followed', 'enter', { method: 'GET', ...LINK }, true],
  ['a ticket by a program', 'enter', { method: 'GET' }, true],
  ['a ticket in a script', 'enter', { method: 'GET', fetchSite: 'cross-site', fetchMode: 'no-cors' }, false],
  ['a ticket in a frame', 'enter', { method: 'GET', ...LINK, fetchDest: 'iframe' }, false],
  ['a ticket looked at ahead', 'enter', { method: 'GET', ...LINK, purpose: 'prefetch;prerender' }, false],
  [
    'a ticket from the page that asks',
    'enter',
    { method: 'POST', origin: OWN, ...LINK, fetchSite: 'same-origin' },
    true,
  ],
  ["a ticket from another's form", 'enter', { method: 'POST', origin: 'https://b.apps.example.com', ...LINK }, false],
  ['a ticket from a form of nowhere', 'enter', { method: 'POST', origin: 'null', ...LINK }, false],
  ['a ticket asked about', 'enter', { method: 'HEAD', ...LINK }, false],
])('%s', (_what, target, facts, allowed) => {
  expect(checkAppsRequest(facts, target, OWN).ok).toBe(allowed);
});
