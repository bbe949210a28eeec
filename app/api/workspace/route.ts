import { NotFoundError } from '../../../lib/errors.ts';
import { readStatus } from '../../../lib/sandbox/status.ts';
import { answerJson } from '../../_server/answer.ts';
import { memberRoute } from '../../_server/route.ts';

/** The caller's workspace as it is now: for polling while the status stream is lost. Wakes nothing. */
export const GET = memberRoute(async (_request, { context, session }) => {
  const status = await readStatus(context, session.userId);
  if (!status) {
    throw new NotFoundError('no_workspace', 'You have no workspace yet.', { next: 'Open /workspace to get one.' });
  }
  return answerJson(status);
});
