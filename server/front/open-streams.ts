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
  /** Whether who opened it may still read it. */
  access: () => Promise<boolean>;
  /** Whether it keeps the sandbox awake: the answer to a write that still streams. */
  extends: boolean;
  /** Cuts the stream. */
  cut: () => void;
};

/**
 * What long streams need while they last: the sandbox stays awake as long as a write is being answered, and a person
 * whose access ends does not keep reading what was opened before: they are cut when it ends, and looked at now and then
 * in case that was missed.
 */
export function watchStream(
  services: Pick<FrontServices, 'onAccessChange' | 'extend'>,
  watch: StreamWatch,
  clock: { now: () => number; tickMs?: number } = { now: Date.now },
): OpenStream {
  let lastMove = clock.now();
  const mayGoOn = async (): Promise<boolean> => {
    // A database that is away for a minute ends nobody's stream.
    const allowed = await watch.access().catch(() => true);
    if (!allowed) watch.cut();
    return allowed;
  };
  const tick = async (): Promise<void> => {
    const moved = clock.now() - lastMove < SILENT_MS;
    if ((await mayGoOn()) && watch.extends && moved) await services.extend(watch.sandbox);
  };
  const timer = setInterval(() => void tick().catch(() => {}), clock.tickMs ?? TICK_MS);
  timer.unref();
  const unwatch = services.onAccessChange(watch.sandbox.user_id, () => void mayGoOn());
  return {
    touch: () => {
      lastMove = clock.now();
    },
    close: () => {
      clearInterval(timer);
      unwatch();
    },
  };
}
