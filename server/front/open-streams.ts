import type { FrontSandbox, FrontServices } from './services.ts';

/** How often an open stream is looked at. Milliseconds. */
const TICK_MS = 45_000;
/** A POST stream in which nothing moved for so long no longer counts as work. Milliseconds. */
const SILENT_MS = 15 * 60_000;

export type OpenStream = {
  /** Something was sent or received. */
  touch(): void;
  close(): void;
};

export type StreamWatch = {
  sandbox: FrontSandbox;
  cookie: string | undefined;
  /** Whether it keeps the sandbox awake: the answer to a write that still streams. */
  extends: boolean;
  /** Cuts the stream. */
  cut: () => void;
};

/**
 * What long streams need while they last: the sandbox stays awake as long as a write is being answered, and a person
 * whose access ends does not keep reading what was opened before.
 */
export function watchStream(
  services: Pick<FrontServices, 'verifySession' | 'extend'>,
  watch: StreamWatch,
  clock: { now: () => number; tickMs?: number } = { now: Date.now },
): OpenStream {
  let lastMove = clock.now();
  const tick = async (): Promise<void> => {
    const session = await services.verifySession(watch.cookie);
    if (session?.userId !== watch.sandbox.user_id) {
      watch.cut();
      return;
    }
    if (watch.extends && clock.now() - lastMove < SILENT_MS) await services.extend(watch.sandbox);
  };
  // A database that is away for a minute ends nobody's stream.
  const timer = setInterval(() => void tick().catch(() => {}), clock.tickMs ?? TICK_MS);
  timer.unref();
  return {
    touch: () => {
      lastMove = clock.now();
    },
    close: () => clearInterval(timer),
  };
}
