import { type Actor, audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { ConflictError } from '../errors.ts';
import { findSandbox } from '../sandbox/ensure.ts';
import { sandboxEnvironment, writeEnvironment } from '../sandbox/environment.ts';
import { withLease } from '../sandbox/lease.ts';
import { wakeSandbox } from '../sandbox/wake.ts';
import { endOtherKeys, insertKey, makeCurrent } from './mint.ts';

export type Rotation = { keyId: string; /** When keys from before stop working. */ oldUntil: Date };

export type RotateOptions = {
  userId: string;
  actor: Actor;
  /** Seconds; the settings' without it. */
  graceSeconds?: number | undefined;
  /** When the new key is to end by itself. */
  expiresAt?: Date | undefined;
  requestId?: string | undefined;
};

/** A wake usually takes milliseconds. */
const WAKE_MS = 15_000;

/**
 * Gives a sandbox a new key while it runs: the key is made, written into the sandbox, whose server takes it up by itself,
 * and only then the old ones get an end. Whatever fails before that leaves the old key as it was. A sandbox that is
 * asleep is woken. Throws `no_workspace`, `workspace_not_ready`, `sandbox_busy`.
 */
export async function rotateVirtualKey(context: Context, options: RotateOptions): Promise<Rotation> {
  const { userId, actor } = options;
  const graceSeconds = options.graceSeconds ?? context.settings.keyGraceSeconds;
  const row = await findSandbox(context, userId);
  if (!row) throw new ConflictError('no_workspace', 'This member has no workspace yet, and so no key.');
  if (row.status === 'paused') {
    const by = { kind: 'admin', id: actor.id ?? '' } as const;
    await wakeSandbox(context, row, { by, reason: 'A new virtual key', waitMs: WAKE_MS });
  }
  return withLease(context, row.id, { purpose: 'rotate_key' }, async (lease, current) => {
    if (current.status !== 'ready' || current.sandbox_id === null) {
      throw new ConflictError(
        'workspace_not_ready',
        'The workspace does not run at the moment. Its key is as it was.',
        {
          next: 'Try again when it is ready.',
        },
      );
    }
    const { db } = context.database;
    const { id, plain } = await db
      .transaction()
      .execute((trx) => insertKey(context, trx, { userId, sandbox: row.id, expiresAt: options.expiresAt, actor }));
    try {
      const timeoutSeconds = context.settings.sandbox.idleSeconds;
      const sandbox = await context.engine.connect(current.sandbox_id, { timeoutSeconds, signal: lease.signal });
      await writeEnvironment(sandbox, sandboxEnvironment(context, current, sandbox.sandboxId, plain), lease.signal);
    } catch (error) {
      // It may have got there all the same: then it is the one in use, and stays good until the next rotation.
      context.log.warn({ err: error, userId }, 'a new key could not be written into its sandbox');
      throw error;
    }
    const oldUntil = new Date(context.now().getTime() + graceSeconds * 1_000);
    await db.transaction().execute(async (trx) => {
      await makeCurrent(trx, userId, id);
      await endOtherKeys(trx, row.id, id, graceSeconds);
      await audit(trx, {
        actor,
        action: 'virtual_key.rotated',
        target: { kind: 'virtual_key', id },
        details: { userId, graceSeconds },
        ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
      });
    });
    return { keyId: id, oldUntil };
  });
}
