import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStopSignal } from './stop-signal.ts';

function signals() {
  const emitter = new EventEmitter();
  let now = 1_000;
  let forced = 0;
  const stop = onStopSignal(emitter, () => now);
  stop.onSecond(() => (forced += 1));
  return {
    stop,
    forced: () => forced,
    send: (signal: string, later = 0) => {
      now += later;
      emitter.emit(signal);
    },
  };
}

test('the same Ctrl-C seen twice is one wish; a later one means at once', async () => {
  const { stop, send, forced } = signals();
  send('SIGINT');
  send('SIGINT', 50);
  await stop.requested;
  expect(stop.signal.aborted).toBe(true);
  expect(forced()).toBe(0);
  send('SIGINT', 1_000);
  expect(forced()).toBe(1);
});

test('the end of the process that started us is a wish to stop', async () => {
  const { stop, send } = signals();
  send('disconnect');
  await stop.requested;
  expect(stop.signal.aborted).toBe(true);
});
