import { expect, test } from 'vitest';
import { asleep, decideForSandbox, waking } from './decide.ts';

const running = { status: 'ready', sandbox_id: 'abc' } as const;
const paused = { status: 'paused', sandbox_id: 'abc' } as const;

test('a running sandbox gets everything', () => {
  for (const kind of ['background', 'navigation', 'write'] as const) {
    expect(decideForSandbox(running, kind)).toEqual({ action: 'forward' });
  }
});

test('a paused sandbox is woken by a person and left alone by polls', () => {
  expect(decideForSandbox(paused, 'write')).toEqual({ action: 'wake' });
  expect(decideForSandbox(paused, 'navigation')).toEqual({ action: 'wake' });
  expect(decideForSandbox(paused, 'background')).toEqual(asleep());
});

test.each([
  ['provisioning', 2],
  ['healing', 5],
  ['broken', undefined],
] as const)('a %s sandbox answers nobody, with its state', (status, retryAfterSeconds) => {
  for (const kind of ['background', 'navigation', 'write'] as const) {
    expect(decideForSandbox({ status, sandbox_id: 'abc' }, kind)).toMatchObject({
      action: 'refuse',
      httpStatus: 503,
      code: `sandbox_${status}`,
      sandboxStatus: status,
    });
  }
  const decision = decideForSandbox({ status, sandbox_id: 'abc' }, 'write');
  expect('retryAfterSeconds' in decision ? decision.retryAfterSeconds : undefined).toBe(retryAfterSeconds);
});

test('who has no sandbox is sent to set one up', () => {
  expect(decideForSandbox(null, 'write')).toMatchObject({ httpStatus: 503, code: 'sandbox_missing' });
});

test('Retry-After is whole seconds, at least one', () => {
  expect(waking(0.2).retryAfterSeconds).toBe(1);
  expect(waking(2.1).retryAfterSeconds).toBe(3);
});
