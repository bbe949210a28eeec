import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, elapsed } from './progress.mjs';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function screen(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  return { progress: createProgress(stream), text: () => written.join('') };
}

/** A step that takes this long. */
const takes = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

test('without a terminal: plain lines, a sign of life, and the time it took', async () => {
  const { progress, text } = screen(false);
  const step = progress.run('Building', (running) => {
    running.detail('  layer 3  ');
    return takes(40_000)();
  });
  await vi.advanceTimersByTimeAsync(40_000);
  await step;
  expect(text()).toBe('... Building\n    Building: 15 s, layer 3\n    Building: 30 s, layer 3\n✓ Building  40 s\n');
});

test('a step that did nothing worth telling leaves no line; one that failed does', async () => {
  const { progress, text } = screen(false);
  const quick = progress.run('Checking', takes(100));
  const failed = progress.run('Reading', () => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(100);
  await quick;
  expect(text()).toBe('✗ Reading  0.0 s\n');
});

test('on a terminal each running step has one live line, no longer than the screen', async () => {
  const { progress, text } = screen(true);
  const steps = Promise.all([
    progress.run('One', takes(2_000)),
    progress.run('Two', (step) => {
      step.detail('x'.repeat(200));
      return takes(3_000)();
    }),
  ]);
  await vi.advanceTimersByTimeAsync(3_000);
  await steps;
  // oxlint-disable-next-line no-control-regex -- what a terminal gets
  const plain = text().replace(/\u001b\[[0-9;]*m/g, '');
  expect(plain).toContain('\u001b[2A\u001b[J');
  expect(plain.split('\n').every((line) => line.length < 80)).toBe(true);
  expect(plain).toMatch(/✓ One {2}2\.0 s\n[\s\S]*✓ Two {2}3\.0 s\n$/);
});

test('elapsed time is short to read', () => {
  expect([900, 9_900, 12_300, 61_000, 3_600_000].map(elapsed)).toEqual([
    '0.9 s',
    '9.9 s',
    '12 s',
    '1 min 01 s',
    '60 min 00 s',
  ]);
});
