import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identify, isRunning, startTicks } from './identity.ts';

test('a process is itself until it ends', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  expect(identity).not.toBeNull();
  if (!identity) return;
  expect(isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
  expect(identify(identity.pid)).toBeNull();
});

test('a pid that another process has got, or from before a reboot, is not the same process', () => {
  const own = identify(process.pid);
  expect(own).not.toBeNull();
  if (!own) return;
  expect(isRunning({ ...own, startTicks: '1' })).toBe(false);
  expect(isRunning({ ...own, boot: 'another' })).toBe(false);
});

test('names with spaces and parentheses do not shift the fields; zombies do not count as running', () => {
  const rest = Array.from({ length: 40 }, (_, index) => String(index + 4)).join(' ');
  expect(startTicks(7, () => `7 (a) b (c) S ${rest}`)).toBe('22');
  expect(startTicks(7, () => `7 (node) Z ${rest}`)).toBeNull();
});
