import { z } from 'zod';

import { createInvitation } from '../../../../lib/auth/invitations.ts';
import { answerJson } from '../../../_server/answer.ts';
import { readBody } from '../../../_server/body.ts';
import { adminRoute } from '../../../_server/route.ts';

const schema = z.object({
  email: z.string({ error: 'Enter an e-mail address.' }).trim().max(254),
  role: z.enum(['member', 'admin'], { error: 'Choose member or admin.' }).default('member'),
});

/** Makes an invitation. The answer is the only place where its link is ever told. */
export const POST = adminRoute(async (request, { context, session }) => {
  const { value } = await readBody(request, schema);
  const { expiresAt, ...made } = await createInvitation(context, {
    email: value.email,
    role: value.role,
    by: session.userId,
  });
  return answerJson({ ...made, expiresAt: expiresAt.toISOString() }, { status: 201 });
});
