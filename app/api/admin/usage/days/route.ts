import { DAY_COLUMNS } from '../../../../../lib/usage/report/columns.ts';
import { toCsv } from '../../../../../lib/usage/report/csv.ts';
import { usageByDay } from '../../../../../lib/usage/report/days.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { answerCsv, readDays, readListQuery } from '../../../usage/query.ts';

/** Usage per day and model, of one user or of everybody: `?userId=&from=&to=&format=csv`. */
export const GET = adminRoute(async (request, { context }) => {
  const { format, userId = null } = readListQuery(request);
  const range = readDays(request, context);
  const rows = await usageByDay(context, userId, range);
  if (format === 'csv') return answerCsv(`usage-${range.from}-${range.to}`, toCsv(DAY_COLUMNS, rows));
  return answerJson({ ...range, rows });
});
