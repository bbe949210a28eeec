import { sql } from 'kysely';
import { audit, SYSTEM } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Json } from '../db/schema.ts';
import type { ListedSandbox } from './engine.ts';
import { withWork } from './work.ts';

export type OrphanOptions = {
  /** Milliseconds that an engine sandbox may exist without its row knowing it: an attempt may be about to write it. */
  orphanGraceMs?: number;
  signal?: AbortSignal;
};

const ORPHAN_GRACE_MS = 60_000;
/** Killed in one go; the next round goes on. */
const MAX_KILLS = 20;
/** Reported in one go. */
const MAX_REPORTS = 100;

/**
 * What becomes of engine sandboxes of ours that no row knows. Those that an interrupted attempt left are killed. Those in
 * which people have worked are kept and reported, once each: in the log and in the audit log.
 * @param listed all sandboxes of this deployment. One that is made after they were listed is not in it, so that the rows
 * are read here.
 */
export async function handleOrphans(
  context: Context,
  listed: ListedSandbox[],
  { orphanGraceMs = ORPHAN_GRACE_MS, signal }: OrphanOptions = {},
): Promise<{ killed: number; reported: number }> {
  const before = context.now().getTime() - orphanGraceMs;
  const old = listed.filter(({ startedAt }) => startedAt.getTime() <= before);
  if (old.length === 0) return { killed: 0, reported: 0 };
  const rows = await readRows(context, old);
  const known = new Set(rows.map(({ sandbox_id: id }) => id));
  // Its engine sandbox may exist before the row knows its id.
  const making = rows.filter((row) => row.status === 'provisioning' && row.sandbox_id === null);
  const makingNow = new Set(making.map(({ id, epoch }) => `${id} ${epoch}`));
  const candidates = old
    .filter(({ sandboxId }) => !known.has(sandboxId))
    .filter(({ metadata }) => !makingNow.has(`${metadata['sandboxRow']} ${metadata['epoch']}`));
  if (candidates.length === 0) return { killed: 0, reported: 0 };
  const worked = await withWork(
    context.database.db,
    candidates.map(({ sandboxId }) => sandboxId),
  );
  let killed = 0;
  for (const orphan of candidates.filter(({ sandboxId }) => !worked.has(sandboxId)).slice(0, MAX_KILLS)) {
    if (await killOrphan(context, orphan, signal)) killed += 1;
  }
  // A row that is being made looks for the work of its earlier epochs: see `findOrCreate`.
  const searching = new Set(making.map(({ id }) => id));
  const kept = candidates.filter(
    ({ sandboxId, metadata }) => worked.has(sandboxId) && !searching.has(metadata['sandboxRow'] ?? ''),
  );
  return { killed, reported: await reportKept(context, kept) };
}

/** Those that know one of these sandboxes, or may be about to. */
function readRows({ database }: Context, listed: ListedSandbox[]) {
  return database.db
    .selectFrom('sandboxes')
    .where((eb) =>
      eb.or([
        eb(
          'sandbox_id',
          'in',
          listed.map(({ sandboxId }) => sandboxId),
        ),
        eb.and([eb('status', '=', 'provisioning'), eb('sandbox_id', 'is', null)]),
      ]),
    )
    .select(['id', 'sandbox_id', 'status', 'epoch'])
    .execute();
}

async function killOrphan(context: Context, orphan: ListedSandbox, signal?: AbortSignal): Promise<boolean> {
  const { sandboxId, metadata } = orphan;
  try {
    if (!(await context.engine.kill(sandboxId, signal))) return false;
  } catch (error) {
    context.log.warn({ err: error, sandboxId }, 'an orphan could not be killed');
    return false;
  }
  context.log.warn({ sandboxId, metadata }, 'killed an engine sandbox that no row knows');
  await audit(context.database.db, { ...entryFor(orphan), action: 'sandbox.orphan_killed' });
  return true;
}

/** @returns how many had not been reported before */
async function reportKept(context: Context, orphans: ListedSandbox[]): Promise<number> {
  if (orphans.length === 0) return 0;
  const { db } = context.database;
  const earlier = await db
    .selectFrom('audit_log')
    .where('target_kind', '=', TARGET)
    .where('action', '=', 'sandbox.orphan_kept')
    .where(
      'target_id',
      'in',
      orphans.map(({ sandboxId }) => sandboxId),
    )
    .select('target_id')
    .execute();
  const reported = new Set(earlier.map(({ target_id: id }) => id));
  const fresh = orphans.filter(({ sandboxId }) => !reported.has(sandboxId)).slice(0, MAX_REPORTS);
  for (const orphan of fresh) {
    const owner = await lastOwner(context, orphan.sandboxId);
    context.log.warn(
      { sandboxId: orphan.sandboxId, metadata: orphan.metadata, owner },
      'an engine sandbox that somebody worked in has no row any more: it is kept until an admin kills it',
    );
    await audit(db, { ...entryFor(orphan, { owner }), action: 'sandbox.orphan_kept' });
  }
  return fresh.length;
}

/** Whose it was when it was last ready. */
async function lastOwner({ database }: Context, sandboxId: string): Promise<string | null> {
  const event = await database.db
    .selectFrom('sandbox_events')
    .leftJoin('users', 'users.id', 'sandbox_events.user_id')
    .where('sandbox_events.sandbox_id', '=', sandboxId)
    .where('to_status', '=', 'ready')
    .select(sql<string>`coalesce(users.email, sandbox_events.user_id::text)`.as('owner'))
    .orderBy('sandbox_events.id', 'desc')
    .executeTakeFirst();
  return event?.owner ?? null;
}

const TARGET = 'engine_sandbox';

function entryFor({ sandboxId, metadata, startedAt }: ListedSandbox, details: Record<string, Json> = {}) {
  return {
    actor: SYSTEM,
    target: { kind: TARGET, id: sandboxId },
    details: { ...details, metadata, startedAt: startedAt.toISOString() },
  };
}
