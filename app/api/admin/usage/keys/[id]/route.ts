import { z } from 'zod';

import { revokeKey, setKeyExpiry } from '../../../../../../lib/virtual-keys/index.ts';
import { answerJson } from '../../../../../_server/answer.ts';
import { readBody } from '../../../../../_server/body.ts';
import { readId, type WithId } from '../../../../../_server/id.ts';
import { adminRoute } from '../../../../../_server/route.ts';
import { adminOf } from '../../admin.ts';

const schema = z.strictObject({ expiresAt: z.iso.datetime().nullable() });

/** Sets when a key ends by itself; null: it does not. */
export const PATCH = adminRoute<[WithId]>(async (request, { context, session }, address) => {
  const { value } = await readBody(request, schema);
  const { id, requestId } = adminOf(request, session);
  await setKeyExpiry(context, {
    keyId: await readId(address),
    actor: { kind: 'admin', id },
    requestId,
    expiresAt: value.expiresAt === null ? null : new Date(value.expiresAt),
  });
  return answerJson({ done: true });
});

/** Ends a key for good, everywhere within a second. */
export const DELETE = adminRoute<[WithId]>(async (request, { context, session }, address) => {
  const { id, requestId } = adminOf(request, session);
  await revokeKey(context, { keyId: await readId(address), actor: { kind: 'admin', id }, requestId });
  return answerJson({ done: true });
});
