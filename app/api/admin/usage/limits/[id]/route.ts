import { z } from 'zod';

import { readLimits, setLimits } from '../../../../../../lib/usage/manage/limits.ts';
import { answerJson } from '../../../../../_server/answer.ts';
import { readBody } from '../../../../../_server/body.ts';
import { readId, type WithId } from '../../../../../_server/id.ts';
import { adminRoute } from '../../../../../_server/route.ts';
import { adminOf } from '../../admin.ts';
import { modelPatterns } from '../../models/patterns.ts';

const count = z.number().int().min(0).max(1_000_000_000).nullable();
const schema = z.strictObject({
  requestsPerMinute: count,
  tokensPerMinute: count,
  parallelRequests: count,
  models: modelPatterns.nullable(),
});

/** The limits of a user's own; null: those of the settings. */
export const GET = adminRoute<[WithId]>(async (_request, { context }, address) =>
  answerJson(await readLimits(context, await readId(address))),
);

export const PUT = adminRoute<[WithId]>(async (request, { context, session }, address) => {
  const { value } = await readBody(request, schema);
  await setLimits(context, await readId(address), value, adminOf(request, session));
  return answerJson({ done: true });
});
