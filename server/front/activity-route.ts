import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ForbiddenError } from '../../lib/errors.ts';
import { NOT_SIGNED_IN } from '../../lib/mastra-proxy/decide.ts';
import { checkOrigin } from '../../lib/mastra-proxy/origin.ts';
import { identifyCaller } from './caller.ts';
import type { FrontContext } from './context.ts';
import { originFacts } from './mastra-route.ts';
import { readySandbox } from './ready-sandbox.ts';
import { sendJson, sendRefusal } from './respond.ts';

/**
 * `POST /api/activity` (a visible page with recent input) and `POST /api/workspace/wake` (a click): the sandbox is
 * awake afterwards and its idle timeout starts anew, or the answer says when to ask again.
 */
export async function handleActivity(context: FrontContext, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'POST') {
    throw new AppError('method_not_allowed', 'Only POST is supported here.', { status: 405 });
  }
  const origin = checkOrigin(originFacts(req), context.ownOrigin);
  if (!origin.ok) throw new ForbiddenError('origin_refused', origin.message);
  const caller = await identifyCaller(context.services, req);
  if (caller.state !== 'member') return sendRefusal(res, NOT_SIGNED_IN);
  const ready = await readySandbox(context, caller.userId, 'write', true);
  if ('action' in ready) return sendRefusal(res, ready);
  sendJson(res, 200, { status: ready.status });
}
