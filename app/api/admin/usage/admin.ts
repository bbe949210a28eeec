import type { Session } from '../../../../lib/auth/session.ts';
import type { Admin } from '../../../../lib/usage/manage/budgets.ts';

/** Who makes a change, for the audit log. */
export function adminOf(request: Request, session: Session): Admin {
  return { id: session.userId, requestId: request.headers.get('x-request-id') ?? undefined };
}
