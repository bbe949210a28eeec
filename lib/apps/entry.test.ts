import { expect, test } from 'vitest';
import { isFromControlPlane, readTicket } from './entry.ts';

const CONTROL = 'https://studio.example.com';

test.each([
  ['https://studio.example.com/', true],
  ['https://studio.example.com/studio/agents', true],
  ['https://studio.example.com.evil.example/', false],
  ['http://studio.example.com/', false],
  ['https://studio.example.com:8443/', false],
  ['https://b.apps.example.com/', false],
  ['https://studio.example.com@evil.example/', false],
  ['about:client', false],
  ['', false],
  [undefined, false],
])('whether %s is the control plane: %s', (referer, expected) => {
  expect(isFromControlPlane(referer, CONTROL)).toBe(expected);
});

test('takes nothing for a ticket that has not its form', () => {
  const ticket = 'a'.repeat(43);
  expect(readTicket(`?ticket=${ticket}`)).toBe(ticket);
  expect(readTicket(`ticket=${ticket}&x=1`)).toBe(ticket);
  for (const text of ['', '?ticket=', `?ticket=${ticket}a`, '?ticket=%22%3E', `?x=${ticket}`]) {
    expect(readTicket(text)).toBe('');
  }
});
