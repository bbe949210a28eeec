import { expect, test } from 'vitest';
import { createCalendar, isTimeZone } from './periods.ts';

const iso = (date: Date) => date.toISOString();

test('days, weeks from Monday and months of a time zone', () => {
  const berlin = createCalendar('Europe/Berlin');
  const at = new Date('2026-05-31T22:30:00Z'); // Monday, 1 June, 00:30 there
  expect(berlin.dayOf(at)).toBe('2026-06-01');
  expect(berlin.periodOf('daily', at)).toMatchObject({ firstDay: '2026-06-01' });
  expect(iso(berlin.periodOf('weekly', at).start)).toBe('2026-05-31T22:00:00.000Z');
  expect(iso(berlin.periodOf('monthly', at).start)).toBe('2026-05-31T22:00:00.000Z');
  expect(iso(berlin.periodOf('monthly', at).end)).toBe('2026-06-30T22:00:00.000Z');
  expect(iso(berlin.periodOf('monthly', new Date('2026-01-31T12:00:00Z')).end)).toBe('2026-01-31T23:00:00.000Z');
  expect(iso(berlin.periodOf('weekly', new Date('2026-05-31T12:00:00Z')).start)).toBe('2026-05-24T22:00:00.000Z');
});

test('a day with 23 hours, and one with 25', () => {
  const berlin = createCalendar('Europe/Berlin');
  const spring = berlin.periodOf('daily', new Date('2026-03-29T12:00:00Z'));
  expect(spring.end.getTime() - spring.start.getTime()).toBe(23 * 3_600_000);
  const autumn = berlin.periodOf('daily', new Date('2026-10-25T12:00:00Z'));
  expect(autumn.end.getTime() - autumn.start.getTime()).toBe(25 * 3_600_000);
});

test('a day whose midnight the clock skips begins at one', () => {
  // In Cairo the clock goes from 00:00 to 01:00 on the last Friday of April.
  const cairo = createCalendar('Africa/Cairo');
  expect(iso(cairo.startOf('2026-04-24'))).toBe('2026-04-23T22:00:00.000Z');
  expect(cairo.dayOf(new Date('2026-04-23T21:59:59.999Z'))).toBe('2026-04-23');
  expect(cairo.dayOf(new Date('2026-04-23T22:00:00Z'))).toBe('2026-04-24');
});

test('the ends of the world', () => {
  expect(iso(createCalendar('Pacific/Kiritimati').startOf('2026-01-01'))).toBe('2025-12-31T10:00:00.000Z');
  expect(iso(createCalendar('Etc/GMT+12').startOf('2026-01-01'))).toBe('2026-01-01T12:00:00.000Z');
});

test('goes back in time when it is asked to', () => {
  const utc = createCalendar('UTC');
  expect(utc.dayOf(new Date('2026-02-02T00:00:00Z'))).toBe('2026-02-02');
  expect(utc.dayOf(new Date('2026-02-01T23:59:59Z'))).toBe('2026-02-01');
  expect(utc.periodOf('daily', new Date('2026-02-01T23:59:59Z')).firstDay).toBe('2026-02-01');
});

test('knows time zones', () => {
  expect([isTimeZone('Asia/Kolkata'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
});
