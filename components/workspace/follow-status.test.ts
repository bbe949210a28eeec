import { describe, expect, it } from 'vitest';

import { followStatus, type PollAnswer, type Stream } from './follow-status.ts';
import type { WorkspaceStatus } from './workspace-status.ts';

const ready = JSON.stringify({ status: 'ready', phase: 'done', startedAt: '2026-01-01T00:00:00Z', attempt: 1 });

function fakeStream() {
  const listeners: [string, (event: { data?: unknown }) => void][] = [];
  const stream = {
    readyState: 0,
    closed: false,
    addEventListener: (type: string, listener: (event: { data?: unknown }) => void) => {
      listeners.push([type, listener]);
    },
    close: () => {
      stream.closed = true;
    },
    fire: (type: 'open' | 'error' | 'message', data?: string) => {
      for (const [name, listener] of listeners) if (name === type) listener({ data });
    },
  };
  return stream satisfies Stream;
}

function harness(answers: PollAnswer[] = []) {
  const streams: ReturnType<typeof fakeStream>[] = [];
  const timers: { milliseconds: number; callback: () => void; live: boolean }[] = [];
  const seen: string[] = [];
  const stop = followStatus(
    {
      onStatus: (status: WorkspaceStatus) => seen.push(status.status),
      onConnection: (connected) => seen.push(connected ? 'connected' : 'lost'),
      onSignedOut: () => seen.push('signed out'),
    },
    {
      openStream: () => {
        const stream = fakeStream();
        streams.push(stream);
        return stream;
      },
      poll: async () => answers.shift() ?? { kind: 'lost' },
      after: (milliseconds, callback) => {
        const timer = { milliseconds, callback, live: true };
        timers.push(timer);
        return () => {
          timer.live = false;
        };
      },
    },
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { streams, timers, seen, stop, settle };
}

describe('followStatus', () => {
  it('hands on what the stream says and ignores what it does not understand', () => {
    const { streams, seen } = harness();
    streams[0]?.fire('open');
    streams[0]?.fire('message', ready);
    streams[0]?.fire('message', 'not json');
    streams[0]?.fire('message', '{"status":"dancing"}');
    expect(seen).toEqual(['connected', 'ready']);
  });

  it('polls while the stream is lost, and stops when it is back', async () => {
    const { streams, timers, seen, settle } = harness([{ kind: 'lost' }, { kind: 'status', text: ready }]);
    streams[0]?.fire('error');
    await settle();
    timers[0]?.callback();
    await settle();
    expect(seen).toEqual(['lost', 'ready']);
    streams[0]?.fire('open');
    expect(timers.at(-1)?.live).toBe(false);
  });

  it('opens a refused stream again, more and more slowly', () => {
    const { streams, timers } = harness();
    for (let round = 0; round < 6; round += 1) {
      const stream = streams.at(-1);
      if (!stream) throw new Error('no stream');
      stream.readyState = 2;
      stream.fire('error');
      timers.at(-1)?.callback();
    }
    expect(streams.length).toBe(7);
    expect(timers.map((timer) => timer.milliseconds)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('ends when the session has ended', async () => {
    const { streams, seen, settle } = harness([{ kind: 'signed-out' }]);
    streams[0]?.fire('error');
    await settle();
    expect(seen).toEqual(['lost', 'signed out']);
    expect(streams[0]?.closed).toBe(true);
  });

  it('does nothing any more after it was stopped', async () => {
    const { streams, seen, stop, settle } = harness([{ kind: 'status', text: ready }]);
    stop();
    streams[0]?.fire('error');
    await settle();
    expect(seen).toEqual(['lost']);
    expect(streams[0]?.closed).toBe(true);
  });
});
