import type { Queryable } from './db/database.ts';
import type { AuditLog, Json } from './db/schema.ts';

export type Actor = { kind: AuditLog['actor_kind']; id?: string };

export type AuditEntry = {
  actor: Actor;
  /** What was done, as `<thing>.<past participle>`: `member.disabled`. */
  action: string;
  target: { kind: string; id?: string };
  /** Never a secret. */
  details?: Record<string, Json>;
  requestId?: string;
};

export const SYSTEM: Actor = { kind: 'system' };

/** Writes an entry. Give it the transaction of the change, so that there is never one without the other. */
export async function audit(on: Queryable, { actor, action, target, details, requestId }: AuditEntry): Promise<void> {
  await on
    .insertInto('audit_log')
    .values({
      actor_kind: actor.kind,
      actor_id: actor.id ?? null,
      action,
      target_kind: target.kind,
      target_id: target.id ?? null,
      details: JSON.stringify(details ?? {}),
      request_id: requestId ?? null,
    })
    .execute();
}
