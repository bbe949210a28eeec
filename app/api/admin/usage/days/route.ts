import { daysCsv } from '../../../../../lib/usage/report/days-csv.ts';
import { usageByDay } from '../../../../../lib/usage/report/days.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { answerCsv, readDays, readListQuery } from '../../../usage/query.ts';

/** Usage per day and model, of one user or of everybody: `?userId=&from=&to=&format=csv`. */
export const GET = adminRoute(async (request, { context }) => {
  const { format, userId = null } = readListQuery(request);
  const range = readDays(request, context);
  const report = await usageByDay(context, userId, range);
  if (format === 'csv') return answerCsv(`usage-${range.from}-${range.to}`, daysCsv(report));
  return answerJson({ ...range, ...report });
});
