import type { Context } from '../context.ts';
import type { EngineSandbox, ListedSandbox } from './engine.ts';
import { EngineSandboxMissingError } from './errors.ts';
import type { Lease } from './lease-write.ts';
import type { SandboxRow } from './state.ts';
import { withWork } from './work.ts';

export type FoundOrCreated = {
  sandbox: EngineSandbox;
  /** An interrupted attempt of this epoch made it. */
  found: boolean;
  /** It was ready in an earlier epoch and was believed to be lost: somebody's work is in it. */
  recovered: boolean;
};

/** What our sandboxes carry at the engine, so that a lost answer or a dead process loses none of them. */
export function sandboxMetadata({ settings }: Pick<Context, 'settings'>, row: Pick<SandboxRow, 'id' | 'epoch'>) {
  return { deployment: settings.deploymentId, sandboxRow: row.id, epoch: String(row.epoch) };
}

/**
 * The engine sandbox of this row: one that was ready once, one that an interrupted attempt left, else a new one. What
 * earlier attempts left is killed.
 */
export async function findOrCreate(context: Context, lease: Lease, row: SandboxRow): Promise<FoundOrCreated> {
  const { engine, database, settings } = context;
  const { deployment, sandboxRow, epoch } = sandboxMetadata(context, row);
  const existing = await engine.list({ deployment, sandboxRow }, lease.signal);
  const worked = await withWork(
    database.db,
    existing.map(({ sandboxId }) => sandboxId),
  );
  const hasWork = ({ sandboxId }: ListedSandbox) => worked.has(sandboxId);
  const current = existing
    .filter((sandbox) => hasWork(sandbox) || sandbox.metadata['epoch'] === epoch)
    .toSorted(preferring(hasWork, row.sandbox_id))[0];
  const extra = existing.filter((sandbox) => sandbox !== current && !hasWork(sandbox));
  await Promise.all(extra.map((sandbox) => killExtra(context, lease, sandbox)));
  const timeoutSeconds = settings.sandbox.idleSeconds;
  if (current) {
    try {
      const sandbox = await engine.connect(current.sandboxId, { timeoutSeconds, signal: lease.signal });
      return { sandbox, found: true, recovered: hasWork(current) };
    } catch (error) {
      if (!(error instanceof EngineSandboxMissingError)) throw error;
    }
  }
  const sandbox = await engine.create({
    template: settings.sandbox.template,
    timeoutSeconds,
    metadata: { deployment, sandboxRow, epoch },
    signal: lease.signal,
  });
  return { sandbox, found: false, recovered: false };
}

/** Work first, and of it the newest; then the one that the row names; then the oldest, which is the furthest. */
function preferring(hasWork: (sandbox: ListedSandbox) => boolean, sandboxId: string | null) {
  return (a: ListedSandbox, b: ListedSandbox) => {
    const age = a.startedAt.getTime() - b.startedAt.getTime();
    return (
      Number(hasWork(b)) - Number(hasWork(a)) ||
      Number(b.sandboxId === sandboxId) - Number(a.sandboxId === sandboxId) ||
      (hasWork(a) ? -age : age)
    );
  };
}

async function killExtra(
  { engine, log }: Context,
  lease: Lease,
  { sandboxId, metadata }: ListedSandbox,
): Promise<void> {
  log.warn({ sandboxId, metadata }, 'killing an engine sandbox that its row does not know');
  await engine.kill(sandboxId, lease.signal);
}
