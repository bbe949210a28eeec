import { describe, expect, test } from 'vitest';
import type { Chunk } from './chunks.ts';
import { runTurn, type TurnWork } from './run-turn.ts';
import { TurnLog } from './turn-log.ts';
import { Turn, type TurnRecord } from './turn.ts';

const record: TurnRecord = {
  ...{ turnId: 't', sessionId: 's', clientId: 'c', userMessageId: 'u', messageId: 'm', title: 'x' },
  startedAt: '2026-05-01T10:00:00Z',
};
const newTurn = (workMs = 60_000) =>
  new Turn(record, new TurnLog(), { tier: 'fast', model: 'a/b', demo: true }, workMs);
const data = (turn: Turn, type: Chunk['type']) =>
  turn.log.chunks.flatMap((chunk) => (chunk.type === type && 'data' in chunk ? [chunk.data] : []));

describe('runTurn', () => {
  test('tells when a turn cannot even begin, and ends its message', async () => {
    const turn = newTurn();
    expect(await runTurn(turn, () => Promise.reject(new Error('no disk')))).toBe('failed');
    expect(data(turn, 'data-notice')).toMatchObject([{ kind: 'error' }]);
    expect(data(turn, 'data-turn').at(-1)).toMatchObject({ state: 'failed', verb: '' });
    expect([turn.log.chunks[0]?.type, turn.log.chunks.at(-1)?.type]).toEqual(['start', 'finish']);
    await turn.end();
  });

  test('says that it was stopped, or which limit it ran into', async () => {
    const waiting = (turn: Turn) => () =>
      new Promise<TurnWork>((_resolve, reject) =>
        turn.signal.addEventListener('abort', () => reject(new Error('abort'))),
      );
    const stopped = newTurn();
    const stopping = runTurn(stopped, waiting(stopped));
    stopped.stop();
    expect(await stopping).toBe('stopped');
    expect(data(stopped, 'data-notice')).toMatchObject([{ kind: 'stopped' }]);
    const slow = newTurn(1);
    expect(await runTurn(slow, waiting(slow))).toBe('done');
    expect(data(slow, 'data-notice')).toMatchObject([{ kind: 'limit' }]);
    await Promise.all([stopped.end(), slow.end()]);
  });
});

describe('a turn', () => {
  test('waits for a person without counting the time, and takes one answer', async () => {
    const turn = newTurn();
    const states: string[] = [];
    turn.on('state', (state) => states.push(state));
    const answer = turn.asking(() => turn.questions.wait('q', turn.signal));
    turn.questions.answer('q', { answer: ['yes'] });
    expect(await answer).toEqual({ answer: ['yes'] });
    expect(() => turn.questions.answer('q', { skip: true })).toThrow('answered already');
    expect(states).toEqual(['asking', 'running']);
    await turn.end();
  });

  test('lets nobody wait when it is stopped', async () => {
    const turn = newTurn();
    const answer = turn.asking(() => turn.environment.wait('e', turn.signal));
    turn.stop();
    await expect(answer).rejects.toThrow('stopped');
    await turn.end();
  });

  test('waits for what its tools have begun', async () => {
    const turn = newTurn();
    let done = false;
    const work = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done = true;
    };
    void turn.track(work());
    await turn.settled();
    expect(done).toBe(true);
    await turn.end();
  });
});
