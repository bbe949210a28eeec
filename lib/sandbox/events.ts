import type { Queryable } from '../db/database.ts';
import type { Json, SandboxEvents } from '../db/schema.ts';
import type { SandboxPhase, SandboxRow, SandboxStatus } from './state.ts';

/** Who did it. `id` is the user's id for people, and the name of a part of the system otherwise. */
export type By = { kind: SandboxEvents['by_kind']; id?: string };

export type SandboxEvent = {
  kind: SandboxEvents['kind'];
  by: By;
  reason: string;
  from?: SandboxStatus;
  to?: SandboxStatus;
  phase?: SandboxPhase;
  details?: Record<string, Json>;
};

type Subject = Pick<SandboxRow, 'id' | 'user_id' | 'sandbox_id' | 'epoch'>;

/** Adds an event to the history of a sandbox. Give it the transaction of the change. */
export async function recordEvent(on: Queryable, row: Subject, event: SandboxEvent): Promise<void> {
  await on
    .insertInto('sandbox_events')
    .values({
      sandbox: row.id,
      user_id: row.user_id,
      sandbox_id: row.sandbox_id,
      epoch: row.epoch,
      kind: event.kind,
      from_status: event.from ?? null,
      to_status: event.to ?? null,
      phase: event.phase ?? null,
      by_kind: event.by.kind,
      by_id: event.by.id ?? null,
      reason: event.reason,
      details: JSON.stringify(event.details ?? {}),
    })
    .execute();
}
