import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { findSandbox } from './ensure.ts';
import { MAX_ATTEMPTS } from './provision-failure.ts';
import { PHASES, type SandboxPhase, type SandboxRow, type SandboxStatus } from './state.ts';

export type StatusStep = { id: SandboxPhase; state: 'done' | 'active' | 'waiting'; startedAt?: string };

/** What a person sees of a sandbox. Times are ISO 8601. */
export type StatusView = {
  status: SandboxStatus;
  phase: SandboxPhase;
  /** When the present status began. */
  startedAt: string;
  attempt: number;
  maxAttempts: number;
  /** While provisioning waits in the queue: 1 is next. */
  position?: number;
  /** After an attempt failed: when the next one begins. */
  nextAttemptAt?: string;
  steps?: StatusStep[];
  /** While provisioning: there was a machine that worked, and the engine has it no more. */
  lost?: true;
  error?: { code: string; message: string; next?: string };
  /** What changes it just now: `provision`, `resume`. */
  busy?: string;
};

/** The status of a user's sandbox, or null when there is none yet. */
export async function readStatus(
  context: Pick<Context, 'database' | 'now'>,
  userId: string,
): Promise<StatusView | null> {
  const row = await findSandbox(context, userId);
  if (!row) return null;
  const view = toView(row, context.now());
  if (row.status !== 'provisioning') return view;
  const [steps, position, lost] = await Promise.all([
    readSteps(context, row),
    readPosition(context, row),
    wasReady(context, row),
  ]);
  return { ...view, steps, ...(position === undefined ? {} : { position }), ...(lost ? { lost: true } : {}) };
}

function toView(row: SandboxRow, now: Date): StatusView {
  const waits = row.status === 'provisioning' && row.phase === 'queued' && row.attempt > 0 && row.next_attempt_at > now;
  return {
    status: row.status,
    phase: row.phase,
    startedAt: row.status_started_at.toISOString(),
    attempt: row.attempt,
    maxAttempts: MAX_ATTEMPTS,
    ...(waits ? { nextAttemptAt: row.next_attempt_at.toISOString() } : {}),
    ...(row.error_code && row.error_message
      ? {
          error: {
            code: row.error_code,
            message: row.error_message,
            ...(row.error_next ? { next: row.error_next } : {}),
          },
        }
      : {}),
    ...(row.lease_purpose && row.lease_expires_at && row.lease_expires_at > now ? { busy: row.lease_purpose } : {}),
  };
}

/** The phases of the present attempt, with the moments in which they began, from the events. */
async function readSteps({ database }: Pick<Context, 'database'>, row: SandboxRow): Promise<StatusStep[]> {
  const events = await database.db
    .selectFrom('sandbox_events')
    .where('sandbox', '=', row.id)
    .where('epoch', '=', row.epoch)
    .where('kind', '=', 'phase')
    .where('at', '>=', row.status_started_at)
    .select((eb) => ['phase', eb.fn.min('at').as('at')])
    .groupBy('phase')
    .execute();
  const began = new Map(events.map(({ phase, at }) => [phase, at]));
  const current = PHASES.findIndex((phase) => phase === row.phase);
  return PHASES.map((id, index) => {
    const startedAt = id === 'queued' ? row.status_started_at : index <= current ? began.get(id) : undefined;
    const state = index < current ? 'done' : index === current ? 'active' : 'waiting';
    return { id, state, ...(startedAt ? { startedAt: startedAt.toISOString() } : {}) };
  });
}

/** In an earlier epoch. */
async function wasReady({ database }: Pick<Context, 'database'>, row: SandboxRow): Promise<boolean> {
  if (row.epoch === 1) return false;
  const event = await database.db
    .selectFrom('sandbox_events')
    .where('sandbox', '=', row.id)
    .where('epoch', '<', row.epoch)
    .where('to_status', '=', 'ready')
    .select('id')
    .limit(1)
    .executeTakeFirst();
  return event !== undefined;
}

async function readPosition({ database }: Pick<Context, 'database'>, row: SandboxRow): Promise<number | undefined> {
  if (row.phase !== 'queued' || row.lease_holder) return undefined;
  const { before } = await database.db
    .selectFrom('sandboxes')
    .where('status', '=', 'provisioning')
    .where('phase', '=', 'queued')
    .where('lease_holder', 'is', null)
    .where(sql<boolean>`(next_attempt_at, id) < (${row.next_attempt_at}::timestamptz, ${row.id}::uuid)`)
    .select((eb) => eb.fn.countAll<number>().as('before'))
    .executeTakeFirstOrThrow();
  return before + 1;
}
