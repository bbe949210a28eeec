import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { classify } from './recovery.ts';

const log = pino({ level: 'silent' });
const process = { pid: 1, startTime: '1', bootId: 'b' };
const now = 1_000_000;

describe('classify', () => {
  it.each([
    ['adopted', { state: 'running', endAt: now + 1 }, true],
    // Its timeout happens as soon as it is adopted.
    ['adopted', { state: 'running', endAt: now - 1 }, true],
    ['adopted', { state: 'paused', endAt: now - 1 }, true],
    ['restart', { state: 'running', endAt: now + 1 }, false],
    ['stopped', { state: 'running', endAt: now - 1, onTimeout: 'pause' }, false],
    ['expired', { state: 'running', endAt: now - 1, onTimeout: 'kill' }, false],
    ['stopped', { state: 'paused', endAt: now - 1, onTimeout: 'kill' }, false],
    ['stopped', { state: 'paused', endAt: now + 1 }, false],
  ] as const)('%s: %j, processes alive: %s', (expected, change, alive) => {
    const result = classify([testRecord({ ...change, process })], { alive: () => alive }, now, log);
    expect(Object.entries(result).flatMap(([name, list]) => list.map(() => name))).toEqual([expected]);
  });

  it('forgets processes that are gone', () => {
    const records = [
      testRecord({ id: 'ia', endAt: now + 1, process }),
      testRecord({ id: 'ib', state: 'running', onTimeout: 'pause', process }),
    ];
    const { restart, stopped } = classify(records, { alive: () => false }, now, log);
    expect(restart).toMatchObject([{ id: 'ia', state: 'running', process: null }]);
    expect(stopped).toMatchObject([{ id: 'ib', state: 'paused', process: null }]);
  });
});
