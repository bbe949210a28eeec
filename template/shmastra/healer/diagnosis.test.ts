import { describe, expect, it } from 'vitest';
import { Diagnoser, readHealth, type Observation } from './diagnosis.ts';

const ready: Observation = { kind: 'answered', state: 'ready', waiting: false, cause: '' };
const failed: Observation = { kind: 'answered', state: 'failed', waiting: false, cause: 'broken' };
const starting: Observation = { kind: 'answered', state: 'starting', waiting: false, cause: '' };
const waiting: Observation = { kind: 'answered', state: 'starting', waiting: true, cause: '' };
const silent: Observation = { kind: 'silent', cause: 'refused' };

const repeat = (look: Observation, times: number) => Array.from({ length: times }, () => look);

const observe = (looks: Observation[]) => {
  const diagnoser = new Diagnoser();
  return looks.map((look) => diagnoser.observe(look)).filter((diagnosis) => diagnosis !== undefined);
};

describe('Diagnoser', () => {
  it('says nothing while all is well', () => {
    expect(observe([waiting, starting, ready, ready, silent, ready, failed, ready])).toEqual([]);
  });

  it('reports a failure once, and the recovery', () => {
    expect(observe([failed, failed, failed, failed, ready, ready])).toEqual([
      { state: 'failed', cause: 'broken' },
      { state: 'ready', cause: '' },
    ]);
  });

  it('reports a runner that does not answer, or never gets ready', () => {
    expect(observe([silent, silent, silent])).toEqual([{ state: 'unreachable', cause: 'refused' }]);
    expect(observe(repeat(starting, 20))).toMatchObject([{ state: 'unreachable' }]);
    expect(observe(repeat(waiting, 100))).toEqual([]);
  });
});

describe('readHealth', () => {
  it('reads what the runner says', () => {
    expect(
      readHealth({ state: 'failed', version: '1', revision: 0, error: { message: 'no', file: 'a.ts', line: 2 } }),
    ).toEqual({
      kind: 'answered',
      state: 'failed',
      waiting: false,
      cause: 'no (a.ts:2)',
    });
  });

  it('takes anything else for silence', () => {
    for (const body of [null, 'ready', {}, { state: 'fine' }])
      expect(readHealth(body)).toMatchObject({ kind: 'silent' });
  });
});
