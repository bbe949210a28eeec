import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { By } from './events.ts';
import { restartProvisioning } from './restart.ts';
import type { SandboxRow } from './state.ts';

/**
 * An admin lets a broken sandbox be set up once more. Throws TransitionError when it is not broken, SandboxBusyError
 * when somebody changes it just now.
 */
export function retryBrokenSandbox(context: Context, sandbox: string, by: By): Promise<SandboxRow> {
  return context.database.db.transaction().execute(async (trx) => {
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
