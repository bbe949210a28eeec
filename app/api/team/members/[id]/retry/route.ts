import { ConflictError, NotFoundError } from '../../../../../../lib/errors.ts';
import { findSandbox } from '../../../../../../lib/sandbox/ensure.ts';
import { retryBrokenSandbox } from '../../../../../../lib/sandbox/reset.ts';
import { answerJson } from '../../../../../_server/answer.ts';
import { readId, type WithId } from '../../../../../_server/id.ts';
import { adminRoute } from '../../../../../_server/route.ts';

/**
 * Sets up a member's workspace once more, after an admin has removed what kept it from being made. One that was made
 * already holds files and is not replaced.
 */
export const POST = adminRoute<[WithId]>(async (_request, { context, session }, address) => {
  const sandbox = await findSandbox(context, await readId(address));
  if (!sandbox) throw new NotFoundError('no_sandbox', 'This member has no sandbox.');
  if (sandbox.sandbox_id) {
    throw new ConflictError('sandbox_has_files', 'This sandbox has files and is not set up anew.', {
      next: 'Repair it instead.',
    });
  }
  await retryBrokenSandbox(context, sandbox.id, { kind: 'admin', id: session.userId });
  return answerJson({ done: true });
});
