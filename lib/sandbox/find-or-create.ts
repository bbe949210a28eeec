import type { Context } from '../context.ts';
import type { EngineSandbox, ListedSandbox } from './engine.ts';
import { EngineSandboxMissingError } from './errors.ts';
import type { Lease } from './lease-write.ts';
import type { SandboxRow } from './state.ts';

export type FoundOrCreated = { sandbox: EngineSandbox; found: boolean };

/** What our sandboxes carry at the engine, so that a lost answer or a dead process loses none of them. */
export function sandboxMetadata({ settings }: Pick<Context, 'settings'>, row: Pick<SandboxRow, 'id' | 'epoch'>) {
  return { deployment: settings.deploymentId, sandboxRow: row.id, epoch: String(row.epoch) };
}

/** The engine sandbox of this row and epoch: one that an interrupted attempt left, else a new one. Kills all others. */
export async function findOrCreate(context: Context, lease: Lease, row: SandboxRow): Promise<FoundOrCreated> {
  const { engine, settings } = context;
  const { deployment, sandboxRow, epoch } = sandboxMetadata(context, row);
  const existing = await engine.list({ deployment, sandboxRow }, lease.signal);
  const current = existing.filter(({ metadata }) => metadata.epoch === epoch).toSorted(preferring(row.sandbox_id))[0];
  await Promise.all(existing.filter((other) => other !== current).map((other) => killExtra(context, lease, other)));
  const timeoutSeconds = settings.sandbox.idleSeconds;
  if (current) {
    try {
      return {
        sandbox: await engine.connect(current.sandboxId, { timeoutSeconds, signal: lease.signal }),
        found: true,
      };
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
  return { sandbox, found: false };
}

/** The one that the row names, else the oldest: it is the furthest. */
function preferring(sandboxId: string | null) {
  return (a: ListedSandbox, b: ListedSandbox) =>
    Number(b.sandboxId === sandboxId) - Number(a.sandboxId === sandboxId) ||
    a.startedAt.getTime() - b.startedAt.getTime();
}

async function killExtra(
  { engine, log }: Context,
  lease: Lease,
  { sandboxId, metadata }: ListedSandbox,
): Promise<void> {
  log.warn({ sandboxId, metadata }, 'killing an engine sandbox that its row does not know');
  await engine.kill(sandboxId, lease.signal);
}
