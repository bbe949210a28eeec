import { daysCsv } from '../../../../lib/usage/report/days-csv.ts';
import { usageByDay } from '../../../../lib/usage/report/days.ts';
import { answerJson } from '../../../_server/answer.ts';
import { memberRoute } from '../../../_server/route.ts';
import { answerCsv, readDays, readListQuery } from '../query.ts';

/** The caller's usage per day and model: `?from=&to=&format=csv`. */
export const GET = memberRoute(async (request, { context, session }) => {
  const { format } = readListQuery(request);
  const range = readDays(request, context);
  const report = await usageByDay(context, session.userId, range);
  if (format === 'csv') return answerCsv(`usage-${range.from}-${range.to}`, daysCsv(report));
  return answerJson({ ...range, ...report });
});
