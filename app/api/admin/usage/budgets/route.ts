import { z } from 'zod';

import { listBudgets, setBudget } from '../../../../../lib/usage/manage/budgets.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readBody } from '../../../../_server/body.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { readListQuery } from '../../../usage/query.ts';
import { adminOf } from '../admin.ts';

const micros = z.number().int().min(0).max(1e15);
const common = {
  /** Null: the team's. */
  userId: z.uuid().nullable(),
  period: z.enum(['daily', 'weekly', 'monthly']),
  warnPercent: z.number().int().min(1).max(100).nullable().default(null),
};
const schema = z.union(
  [
    z.strictObject({ ...common, mode: z.literal('limited'), limitMicros: micros }),
    z.strictObject({ ...common, mode: z.enum(['default', 'unlimited']) }),
  ],
  {
    error:
      'Send {"userId": an id or null for the team, "period": "daily", "weekly" or "monthly", "mode": "limited" with "limitMicros", "default" or "unlimited"}.',
  },
);

/** Budgets with their raises: `?page=&size=`. */
export const GET = adminRoute(async (request, { context }) => {
  const { page, size } = readListQuery(request);
  return answerJson(await listBudgets(context, { page, size }));
});

/** Sets one. In force on every instance within a second. */
export const PUT = adminRoute(async (request, { context, session }) => {
  const { value } = await readBody(request, schema);
  const limitMicros = value.mode === 'limited' ? value.limitMicros : null;
  return answerJson({ id: await setBudget(context, { ...value, limitMicros }, adminOf(request, session)) });
});
