import { expect, test } from 'vitest';
import { checkOrigin, type OriginFacts } from './origin.ts';

const own = 'https://cloud.example.com';

test.each<[string, OriginFacts, boolean]>([
  ['a write of our page', { method: 'POST', origin: own, fetchSite: 'same-origin' }, true],
  ['a write without Origin that the browser calls ours', { method: 'POST', fetchSite: 'same-origin' }, true],
  ['a write without any sign of where it comes from', { method: 'POST' }, false],
  ['a write of another site', { method: 'POST', origin: 'https://evil.example' }, false],
  ['a write of a sandboxed document', { method: 'POST', origin: 'null' }, false],
  [
    'a write of a user app on a sibling domain',
    { method: 'POST', origin: 'https://a.apps.example.com', fetchSite: 'same-site' },
    false,
  ],
  [
    'a write that claims our site with a foreign origin',
    { method: 'POST', origin: 'https://evil.example', fetchSite: 'same-origin' },
    false,
  ],
  ['the same host over http', { method: 'DELETE', origin: 'http://cloud.example.com' }, false],
  ['a preflight', { method: 'OPTIONS', origin: 'https://evil.example' }, false],
  ['a socket of our page', { method: 'GET', upgrade: true, origin: own }, true],
  ['a socket of another site', { method: 'GET', upgrade: true, origin: 'https://evil.example' }, false],
  ['a socket without Origin', { method: 'GET', upgrade: true }, false],
  ['a read of our page', { method: 'GET', fetchSite: 'same-origin', fetchMode: 'cors', fetchDest: 'empty' }, true],
  ['a read of a program', { method: 'GET' }, true],
  [
    'an address typed into the bar',
    { method: 'GET', fetchSite: 'none', fetchMode: 'navigate', fetchDest: 'document' },
    true,
  ],
  [
    'a link on another site',
    { method: 'GET', fetchSite: 'cross-site', fetchMode: 'navigate', fetchDest: 'document' },
    true,
  ],
  [
    'a frame on another site',
    { method: 'GET', fetchSite: 'cross-site', fetchMode: 'navigate', fetchDest: 'iframe' },
    false,
  ],
  [
    'a fetch of a sibling domain',
    { method: 'GET', fetchSite: 'same-site', fetchMode: 'no-cors', fetchDest: 'empty' },
    false,
  ],
  [
    'a picture on another site',
    { method: 'GET', fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'image' },
    false,
  ],
  ['a script tag of our page', { method: 'GET', fetchSite: 'same-origin', fetchDest: 'script' }, false],
  ['a service worker', { method: 'GET', fetchSite: 'same-origin', fetchDest: 'serviceworker' }, false],
])('%s', (_name, facts, ok) => {
  expect(checkOrigin(facts, own).ok).toBe(ok);
});
