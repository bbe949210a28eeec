import { z } from 'zod';

import { InvalidInputError } from '../../../../../lib/errors.ts';
import { listKeys, rotateVirtualKey } from '../../../../../lib/virtual-keys/index.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readBody } from '../../../../_server/body.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { readListQuery } from '../../../usage/query.ts';
import { adminOf } from '../admin.ts';

const schema = z.strictObject({
  userId: z.uuid(),
  graceSeconds: z.number().int().min(0).max(3_600).optional(),
  expiresAt: z.iso.datetime().optional(),
});

/** The keys of a user, without what they are: `?userId=`. */
export const GET = adminRoute(async (request, { context }) => {
  const { userId } = readListQuery(request);
  if (userId === undefined) throw new InvalidInputError('invalid_query', 'Say whose: ?userId=.');
  return answerJson({ rows: await listKeys(context, userId) });
});

/** Writes a new key into the user's sandbox; the old one stays good for the grace. The key itself is told to nobody. */
export const POST = adminRoute(async (request, { context, session }) => {
  const { value } = await readBody(request, schema);
  const { id, requestId } = adminOf(request, session);
  const { keyId, oldUntil } = await rotateVirtualKey(context, {
    userId: value.userId,
    graceSeconds: value.graceSeconds,
    expiresAt: value.expiresAt === undefined ? undefined : new Date(value.expiresAt),
    actor: { kind: 'admin', id },
    requestId,
  });
  return answerJson({ id: keyId, oldUntil: oldUntil.toISOString() }, { status: 201 });
});
