import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLog } from '../../log.ts';
import { lostCall, type UsageEvent } from './event.ts';
import { createFlusher, type Flusher } from './flusher.ts';

const DELAY_MS = 500;
const WRITE_MS = 20;

let batches: UsageEvent[][];
let isAway: boolean;
let flusher: Flusher;

beforeEach(() => {
  vi.useFakeTimers();
  batches = [];
  isAway = false;
  const write = async (events: readonly UsageEvent[]): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, WRITE_MS));
    if (isAway) throw new Error('Postgres is away');
    batches.push([...events]);
  };
  flusher = createFlusher({ log: createLog('test', 'silent'), write, delayMs: DELAY_MS });
});
afterEach(() => {
  flusher.stop();
  vi.useRealTimers();
});

const event = (): UsageEvent =>
  lostCall({
    ...{ id: randomUUID(), at: new Date().toISOString(), userId: randomUUID(), keyId: null, provider: 'openai' },
    ...{ model: 'gpt-5-mini', operation: 'generate', requestId: null, held: 1, pricedBy: 'table' },
  });

it('writes a steady stream in few transactions, however long each takes', async () => {
  const added: UsageEvent[] = [];
  for (let ms = 0; ms < 5000; ms += 5) {
    const one = event();
    added.push(one);
    flusher.add(one);
    await vi.advanceTimersByTimeAsync(5);
  }
  await vi.advanceTimersByTimeAsync(DELAY_MS + WRITE_MS);
  expect(batches.flat()).toEqual(added);
  expect(batches.length).toBeLessThanOrEqual(11);
});

it('writes without waiting when a batch is full, and never more in one', async () => {
  for (let count = 0; count < 1250; count += 1) flusher.add(event());
  await vi.advanceTimersByTimeAsync(WRITE_MS * 2);
  expect(batches.map(({ length }) => length)).toEqual([500, 500]);
  await vi.advanceTimersByTimeAsync(DELAY_MS);
  expect(batches.map(({ length }) => length)).toEqual([500, 500, 250]);
});

it('flushes what came while it was writing', async () => {
  flusher.add(event());
  await vi.advanceTimersByTimeAsync(DELAY_MS + 1);
  flusher.add(event());
  const flushed = flusher.flush();
  await vi.advanceTimersByTimeAsync(WRITE_MS * 2);
  await flushed;
  expect(batches.map(({ length }) => length)).toEqual([1, 1]);
  expect(flusher.waiting()).toBe(0);
});

it('keeps everything while Postgres is away, and says so to who flushes', async () => {
  isAway = true;
  for (let count = 0; count < 3; count += 1) flusher.add(event());
  await vi.advanceTimersByTimeAsync(DELAY_MS);
  const said = flusher.flush().catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(WRITE_MS * 2);
  expect(await said).toBe('Postgres is away');
  expect(flusher.waiting()).toBe(3);
  isAway = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(batches.flat()).toHaveLength(3);
  expect(flusher.waiting()).toBe(0);
});
