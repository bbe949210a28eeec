import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { ConflictError } from '../errors.ts';
import type { By } from './events.ts';
import { restartProvisioning } from './restart.ts';
import type { SandboxRow } from './state.ts';

/**
 * An admin lets a sandbox be set up once more whose set-up failed. Throws TransitionError when it is not broken,
 * `sandbox_has_work` when there is something in it that would be lost, SandboxBusyError when somebody changes it just now.
 */
export function retryBrokenSandbox(context: Context, sandbox: string, by: By): Promise<SandboxRow> {
  return context.database.db.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('sandboxes').select('sandbox_id').where('id', '=', sandbox).executeTakeFirst();
    if (row?.sandbox_id) {
      throw new ConflictError('sandbox_has_work', 'The sandbox has somebody’s work in it and is not made anew.', {
        next: 'Repair it instead.',
      });
    }
    await audit(trx, {
      actor: { kind: 'admin', ...(by.id ? { id: by.id } : {}) },
      action: 'sandbox.retried',
      target: { kind: 'sandbox', id: sandbox },
    });
    return restartProvisioning(context, trx, {
      sandbox,
      by,
      reason: 'An admin tries it again',
      expect: { status: 'broken' },
    });
  });
}
