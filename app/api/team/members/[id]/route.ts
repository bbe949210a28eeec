import { z } from 'zod';

import { changeRole } from '../../../../../lib/auth/change-role.ts';
import { disableMember, enableMember } from '../../../../../lib/auth/members.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readBody } from '../../../../_server/body.ts';
import { readId, type WithId } from '../../../../_server/id.ts';
import { adminRoute } from '../../../../_server/route.ts';

const schema = z.union(
  [z.strictObject({ disabled: z.boolean() }), z.strictObject({ role: z.enum(['member', 'admin']) })],
  {
    error: 'Send {"disabled": true or false} or {"role": "member" or "admin"}.',
  },
);

/** Changes one thing about a member. In force at once: their sessions and keys are looked up anew. */
export const PATCH = adminRoute<[WithId]>(async (request, { context, session }, address) => {
  const { value } = await readBody(request, schema);
  const member = { userId: await readId(address), by: session.userId };
  if ('role' in value) await changeRole(context, { ...member, role: value.role });
  else if (value.disabled) await disableMember(context, member);
  else await enableMember(context, member);
  return answerJson({ done: true });
});
