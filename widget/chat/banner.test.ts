import { expect, test } from 'vitest';
import { failureOf, offlineFailure } from '../api/failure.ts';
import { bannerOf, canSend, unsentOf, type BannerFacts } from './banner.ts';

const well: BannerFacts = {
  ...{ workspace: 'ready', online: true, failure: null, reconnecting: false },
  ...{ elsewhere: null, budget: null, unsent: 'none' },
};

test('says nothing while all is well', () => {
  expect(bannerOf(well)).toBeNull();
  expect(canSend(well)).toBe(true);
});

test('says what the workspace does, and whether a message goes out', () => {
  expect(bannerOf({ ...well, workspace: 'asleep' })?.action?.does).toBe('wake');
  expect(canSend({ ...well, workspace: 'asleep' })).toBe(true);
  for (const workspace of [
    'waking',
    'healing',
    'updating',
    'provisioning',
    'broken',
    'unreachable',
    'offline',
  ] as const) {
    expect(bannerOf({ ...well, workspace })?.text, workspace).toMatch(/\.$/);
    expect(canSend({ ...well, workspace }), workspace).toBe(false);
  }
});

test('puts first what the person has to do', () => {
  const signedOut = failureOf(401, null, null);
  expect(bannerOf({ ...well, workspace: 'asleep', online: false, failure: signedOut })?.action?.does).toBe('sign_in');
  expect(bannerOf({ ...well, failure: failureOf(426, { error: { versions: [2] } }, null) })?.action?.does).toBe(
    'reload',
  );
  expect(bannerOf({ ...well, failure: failureOf(426, { error: { versions: [] } }, null) })?.text).toMatch(
    /needs an update/,
  );
  expect(canSend({ ...well, failure: signedOut })).toBe(false);
});

test('warns of the budget when nothing else is to be said', () => {
  const budget = '80% of the budget is used.';
  expect(bannerOf({ ...well, budget })).toMatchObject({ text: budget, action: { does: 'open_usage' } });
  expect(bannerOf({ ...well, budget, workspace: 'asleep' })?.action?.does).toBe('wake');
  expect(canSend(well)).toBe(true);
});

test('tells a lost network from a workspace that does not answer', () => {
  expect(bannerOf({ ...well, online: false, failure: offlineFailure() })?.text).toMatch(/^Offline/);
  expect(bannerOf({ ...well, failure: offlineFailure() })?.text).toMatch(/^Your workspace does not answer/);
  const failure = failureOf(503, { error: { code: 'sandbox_waking' } }, '2');
  expect([failure.kind, failure.retryAfterMs]).toEqual(['unavailable', 2000]);
  expect(bannerOf({ ...well, reconnecting: true })?.text).toMatch(/^Reconnecting/);
});

test('promises to send only what goes by itself', () => {
  for (const cut of [{ workspace: 'unreachable' }, { failure: offlineFailure() }, { online: false }] as const) {
    expect(bannerOf({ ...well, ...cut })?.text).not.toMatch(/draft/);
    expect(bannerOf({ ...well, ...cut, unsent: 'written' })?.text).toMatch(/Your draft is kept/);
    expect(bannerOf({ ...well, ...cut, unsent: 'waits' })?.text).toMatch(/Your draft sends/);
  }
  expect(offlineFailure().message).not.toMatch(/draft/);
  const message = { clientId: '1', text: 'Hello', attachments: [] };
  const nothing = { draft: ' ', queue: [], queueHeld: false };
  expect(unsentOf(nothing)).toBe('none');
  expect(unsentOf({ ...nothing, draft: 'Half a thought' })).toBe('written');
  expect(unsentOf({ ...nothing, draft: 'Half a thought', queue: [message] })).toBe('waits');
  expect(unsentOf({ ...nothing, queue: [message], queueHeld: true })).toBe('none');
});
