import type { StartedCall, UsageEvent } from '../events/event.ts';

/**
 * What survives the death of the process. A call is written when it begins and when it ends, and forgotten once Postgres
 * has its event.
 */
export type Journal = {
  kind: 'disk' | 'database';
  /** False while it is full: nothing new is begun then. */
  hasRoom(): boolean;
  /** Throws when it cannot be written. A promise where it is not written at once. */
  began(call: StartedCall): void | Promise<void>;
  /** The reservation was changed. */
  changed(call: StartedCall): void | Promise<void>;
  /** Must not throw. */
  ended(event: UsageEvent): void;
  written(ids: readonly string[]): void;
  /** Removes it. Only when nothing is left in it. */
  remove(): Promise<void>;
};
