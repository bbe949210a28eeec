import { describe, expect, it } from 'vitest';

import { wakeWorkspace, type WakeAnswer } from './wake.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function harness(answers: WakeAnswer[]) {
  const asked: number[] = [];
  const waits: number[] = [];
  const problems: string[] = [];
  let pending: (() => void) | null = null;
  const stop = wakeWorkspace(
    {
      ask: async () => {
        asked.push(asked.length + 1);
        return answers.shift() ?? { kind: 'later', seconds: 1 };
      },
      after: (milliseconds, callback) => {
        waits.push(milliseconds);
        pending = callback;
        return () => {
          pending = null;
        };
      },
    },
    (problem) => problems.push(problem.code),
  );
  const tick = async () => {
    const callback = pending;
    pending = null;
    callback?.();
    await settle();
  };
  return { asked, waits, problems, stop, tick };
}

describe('wakeWorkspace', () => {
  it('asks once when the wake is done at once', async () => {
    const { asked, waits, problems } = harness([{ kind: 'done' }]);
    await settle();
    expect([asked.length, waits, problems]).toEqual([1, [], []]);
  });

  it('asks again after the wait that the server names', async () => {
    const { asked, waits, tick } = harness([{ kind: 'later', seconds: 3 }, { kind: 'done' }]);
    await settle();
    await tick();
    expect([asked.length, waits]).toEqual([2, [3_000]]);
  });

  it('tells why a wake is refused and asks no more', async () => {
    const problem = { code: 'sandbox_broken', message: 'No.', next: null };
    const { asked, problems, tick } = harness([{ kind: 'refused', problem }]);
    await settle();
    await tick();
    expect([asked.length, problems]).toEqual([1, ['sandbox_broken']]);
  });

  it('gives up at last', async () => {
    const { asked, problems, tick } = harness([]);
    await settle();
    for (let round = 0; round < 30; round += 1) await tick();
    expect([asked.length, problems]).toEqual([20, ['wake_too_long']]);
  });

  it('stops when it is told to', async () => {
    const { asked, stop, tick } = harness([]);
    await settle();
    stop();
    await tick();
    expect(asked.length).toBe(1);
  });
});
