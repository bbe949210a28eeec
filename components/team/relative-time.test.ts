import { expect, it } from 'vitest';

import { lastSeen, timeAgo, timeUntil } from './relative-time.ts';

const now = new Date('2026-01-10T12:00:00Z');
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

it.each([
  [5, 'Just now'],
  [-0.5, 'Just now'],
  [-5, '5 min ago'],
  [-61, '1 h ago'],
  [-23 * 60, '23 h ago'],
  [-24 * 60, '1 day ago'],
  [-50 * 60, '2 days ago'],
])('%d minutes from now: %s', (minutes, text) => expect(timeAgo(at(minutes), now)).toBe(text));

it.each([
  [10, 'in less than 1 h'],
  [90, 'in 1 h'],
  [24 * 60, 'in 1 day'],
  [7 * 24 * 60 - 1, 'in 7 days'],
])('%d minutes from now: %s', (minutes, text) => expect(timeUntil(at(minutes), now)).toBe(text));

it('tells when others were seen, and of oneself that it is now', () => {
  expect(lastSeen(at(-3), now, false)).toBe('3 min ago');
  expect(lastSeen(at(-3), now, true)).toBe('Now');
  expect([lastSeen(null, now, false), lastSeen(null, now, true)]).toEqual(['Never', 'Now']);
});
