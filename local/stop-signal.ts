import type { EventEmitter } from 'node:events';

/** Ctrl-C reaches us from the terminal and again from npm: what comes this soon after the first is the same wish. */
const SAME_WISH_MS = 700;

/**
 * Waits for the wish to stop: SIGINT, SIGTERM, SIGHUP, or the end of the `npm start` that started us. A second one means
 * "at once".
 */
export function onStopSignal(emitter: EventEmitter = process, now: () => number = Date.now) {
  const abort = new AbortController();
  let first = 0;
  let atOnce: () => void = () => {};
  const { promise, resolve } = Promise.withResolvers<null>();

  const receive = () => {
    if (!first) {
      first = now();
      abort.abort();
      resolve(null);
    } else if (now() - first > SAME_WISH_MS) {
      atOnce();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) emitter.on(signal, receive);
  emitter.on('disconnect', receive);
  // Keeps the channel from holding us open, but not from telling its end.
  process.channel?.unref();

  return {
    /** Aborted with the first wish, for steps under way. */
    signal: abort.signal,
    requested: promise,
    onSecond(act: () => void): void {
      atOnce = act;
    },
    /** We stop for a reason of our own; a signal from now on counts as the second. */
    begin(): void {
      first ||= now();
      abort.abort();
    },
  };
}
