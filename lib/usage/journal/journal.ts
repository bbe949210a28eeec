import type { StartedCall, UsageEvent } from '../events/event.ts';

/**
 * What survives the death of the process. A call is written when it begins and when it ends, and forgotten once Postgres
 * has its event.
 */
export type Journal = {
  kind: 'disk' | 'database';
  /** False while it is full: nothing new is begun then. */
  hasRoom(): boolean;
  /** Resolves when it is written; rejects when it cannot be. */
  began(call: StartedCall): Promise<void>;
  /** The reservation was changed. */
  changed(call: StartedCall): Promise<void>;
  /** Resolves when it is written, or cannot be. */
  ended(event: UsageEvent): Promise<void>;
  written(ids: readonly string[]): void;
  /** Removes it. Only when nothing is left in it. */
  remove(): Promise<void>;
};
