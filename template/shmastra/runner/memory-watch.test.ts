import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryWatch } from './memory-watch.ts';

let now: number;
let watch: MemoryWatch;
const sample = (residentMb: number, open = 0, quietMs = 20_000) =>
  watch.sample({ residentMb, limitMb: 1000, open, quietMs });

beforeEach(() => {
  now = 0;
  watch = new MemoryWatch(() => now);
});

describe('MemoryWatch', () => {
  it('replaces a process above the limit at once, and ever more seldom if that does not help', () => {
    expect(sample(1001, 3, 0)).toBe('full');
    expect(sample(1001)).toBeUndefined();
    now += 60_000;
    expect(sample(1001)).toBe('full');
    now += 60_000;
    expect(sample(1001)).toBeUndefined();
    now += 60_000;
    expect(sample(1001)).toBe('full');
  });

  it('replaces a process that has grown when nobody uses it', () => {
    for (let count = 0; count < 5; count++) expect(sample(300)).toBeUndefined();
    expect(sample(700, 1)).toBeUndefined();
    expect(sample(700, 0, 1000)).toBeUndefined();
    expect(sample(700)).toBe('grown');
  });

  it('leaves a process alone that has always been that large', () => {
    for (let count = 0; count < 10; count++) expect(sample(700)).toBeUndefined();
  });
});
