import { extendsSandbox, type RequestKind } from '../../lib/mastra-proxy/classify.ts';
import { decideForSandbox, waking, type Refusal } from '../../lib/mastra-proxy/decide.ts';
import { orUnavailable } from './caller.ts';
import type { FrontContext } from './context.ts';
import type { FrontSandbox } from './services.ts';

/**
 * The caller's sandbox, woken when a person's doing asks for it, or why the request ends here.
 * @param certain asks the engine even when the sandbox was heard a moment ago
 */
export async function readySandbox(
  context: FrontContext,
  userId: string,
  kind: RequestKind,
  certain = false,
): Promise<FrontSandbox | Refusal> {
  const { services } = context;
  let sandbox = await orUnavailable(services.findSandbox(userId));
  let decision = decideForSandbox(sandbox, kind);
  // The engine pauses by itself, so `ready` may be out of date. A write finds out first, because its body can be sent
  // only once; a read is simply tried.
  if (sandbox && decision.action === 'forward' && kind === 'write') {
    if ((await context.liveness.check(sandbox, certain)) === 'stopped') {
      await orUnavailable(services.observeStopped(sandbox));
      sandbox = await orUnavailable(services.findSandbox(userId, { fresh: true }));
      decision = decideForSandbox(sandbox, kind);
    }
  }
  if (sandbox && decision.action === 'wake') {
    const result = await services.wake(sandbox);
    if (result !== 'ready') return waking(result.retryAfterSeconds);
    sandbox = await orUnavailable(services.findSandbox(userId, { fresh: true }));
    decision = decideForSandbox(sandbox, kind);
    if (sandbox && decision.action === 'forward') context.liveness.seen(sandbox);
  }
  if (decision.action === 'refuse') return decision;
  // Asleep again already, or waking for somebody else.
  if (decision.action === 'wake' || !sandbox) return waking(1);
  if (extendsSandbox(kind)) extendInBackground(context, sandbox);
  return sandbox;
}

/** Moves the idle timeout without making the request wait for it. */
export function extendInBackground(context: FrontContext, sandbox: FrontSandbox): void {
  context.services.extend(sandbox).catch((error: unknown) => {
    context.log.debug({ err: error, sandboxId: sandbox.sandbox_id }, 'the timeout could not be extended');
  });
}
