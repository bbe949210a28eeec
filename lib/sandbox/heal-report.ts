import { z } from 'zod';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { ConflictError, ForbiddenError, InvalidInputError, UnauthorizedError } from '../errors.ts';
import type { KeyResolver } from '../virtual-keys/resolver.ts';
import { recordEvent } from './events.ts';
import { canBecome, type SandboxRow, type SandboxStatus } from './state.ts';
import { changeStatus } from './transition.ts';

/**
 * What the healer in a sandbox sends. `failed` (the project's code does not run) and `unreachable` (nothing answers on
 * 4111) are what it sees; `healing` and `broken` are what it does about it, and change the status.
 */
export const healReportSchema = z.object({
  sandboxId: z.string().min(1).max(64),
  epoch: z.coerce.number().int().positive(),
  state: z.enum(['ready', 'failed', 'unreachable', 'healing', 'broken']),
  attempt: z.coerce.number().int().min(0).max(1_000).default(0),
  cause: z.string().max(2_000).default(''),
});

export type HealReport = z.output<typeof healReportSchema>;
type ReportContext = Pick<Context, 'database'> & { resolveKey: KeyResolver['resolveKey'] };

/**
 * Takes a report from inside a sandbox. It counts only when the key is the sandbox's own, and the report is about the
 * present engine sandbox of its owner. Throws `unknown_key` (401), `wrong_key` (403), `stale_report` (409).
 */
export async function recordHealReport(
  context: ReportContext,
  { key, body }: { key: string; body: unknown },
): Promise<{ status: SandboxRow['status'] }> {
  const parsed = healReportSchema.safeParse(body);
  if (!parsed.success) throw new InvalidInputError('invalid_report', 'The report is not understood.');
  const owner = await context.resolveKey(key);
  if (!owner) throw new UnauthorizedError('unknown_key', 'The key is not valid.');
  // A guest's key opens the gateway and nothing else.
  if (owner.kind !== 'sandbox' || !owner.sandbox) throw new ForbiddenError('wrong_key', 'This key may not report.');
  const { sandbox } = owner;
  return context.database.db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('sandboxes').selectAll().where('id', '=', sandbox).forUpdate().executeTakeFirst();
    const report = parsed.data;
    if (!row || row.user_id !== owner.userId || row.sandbox_id !== report.sandboxId || row.epoch !== report.epoch) {
      throw new ConflictError('stale_report', 'The report is about a sandbox that is not there any more.');
    }
    const by = { kind: 'sandbox', id: report.sandboxId } as const;
    const details = { attempt: report.attempt, state: report.state };
    await recordEvent(trx, row, { kind: 'heal', by, reason: report.cause || report.state, details });
    await trx
      .updateTable('sandboxes')
      .set({ heal_attempt: report.attempt, healed_at: databaseNow })
      .where('id', '=', row.id)
      .execute();
    const to = nextStatus(row, report);
    if (!to) return { status: row.status };
    const reason = report.cause || report.state;
    const set = to === 'broken' ? { set: brokenBecause(report) } : {};
    const { status } = await changeStatus(trx, { sandbox: row.id, to, by, reason, ...set });
    return { status };
  });
}

/** A report never changes a sandbox that is being made or paused, or that somebody else works on. */
function nextStatus(row: SandboxRow, { state }: HealReport): SandboxStatus | undefined {
  if (state === 'failed' || state === 'unreachable' || row.status === state) return undefined;
  if (row.status === 'provisioning' || row.status === 'paused') return undefined;
  // A verdict belongs to a repair: `ready` says nothing new about a sandbox that an admin has to look at.
  if (row.status === 'broken' && state === 'ready') return undefined;
  const held = row.lease_expires_at !== null && row.lease_expires_at > new Date();
  return !held && canBecome(row.status, state) ? state : undefined;
}

function brokenBecause({ cause }: HealReport) {
  return {
    error_code: 'heal_failed',
    error_message: cause || 'The workspace could not be repaired by itself.',
    error_next: 'Your work is kept. Ask an admin of your team.',
  };
}
