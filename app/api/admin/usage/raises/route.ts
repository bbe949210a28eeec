import { z } from 'zod';

import { InvalidInputError } from '../../../../../lib/errors.ts';
import { addRaise } from '../../../../../lib/usage/manage/budgets.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readBody } from '../../../../_server/body.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { adminOf } from '../admin.ts';

const schema = z.strictObject({
  budget: z.uuid(),
  amountMicros: z.number().int().min(1).max(1e15),
  expiresAt: z.iso.datetime(),
  reason: z.string().trim().max(500).default(''),
});

/** Raises a budget until a moment. */
export const POST = adminRoute(async (request, { context, session }) => {
  const { value } = await readBody(request, schema);
  const expiresAt = new Date(value.expiresAt);
  if (expiresAt <= context.now()) throw new InvalidInputError('already_over', 'A raise has to end in the future.');
  const id = await addRaise(context, { ...value, expiresAt }, adminOf(request, session));
  return answerJson({ id }, { status: 201 });
});
