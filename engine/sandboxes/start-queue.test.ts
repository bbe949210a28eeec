import { describe, expect, it } from 'vitest';
import { RateLimitError } from '../api/errors.ts';
import { Mutex } from './mutex.ts';
import { StartQueue } from './start-queue.ts';

describe('StartQueue', () => {
  it('runs so many at once, lets some wait, refuses the rest', async () => {
    const queue = new StartQueue(2, 1);
    const finish: (() => void)[] = [];
    let running = 0;
    const task = async () => {
      running += 1;
      await new Promise<void>((resolve) => finish.push(resolve));
      running -= 1;
    };
    const starts = [queue.run(task), queue.run(task), queue.run(task)];
    await expect(queue.run(task)).rejects.toThrow(RateLimitError);
    const patient = queue.run(task, true);
    expect(running).toBe(2);
    while (finish.length > 0) {
      finish.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      expect(running).toBeLessThanOrEqual(2);
    }
    await Promise.all([...starts, patient]);
  });

  it('goes on after a task that failed', async () => {
    const queue = new StartQueue(1, 0);
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run(async () => 'yes')).toBe('yes');
  });
});

describe('Mutex', () => {
  it('keeps the order and survives failures', async () => {
    const mutex = new Mutex();
    const seen: number[] = [];
    const results = await Promise.allSettled(
      [1, 2, 3].map((number) =>
        mutex.run(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(number);
          if (number === 2) throw new Error('two');
        }),
      ),
    );
    expect(seen).toEqual([1, 2, 3]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
