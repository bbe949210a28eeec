import { DAY_COLUMNS } from '../../../../lib/usage/report/columns.ts';
import { toCsv } from '../../../../lib/usage/report/csv.ts';
import { usageByDay } from '../../../../lib/usage/report/days.ts';
import { answerJson } from '../../../_server/answer.ts';
import { memberRoute } from '../../../_server/route.ts';
import { answerCsv, readDays, readListQuery } from '../query.ts';

/** The caller's usage per day and model: `?from=&to=&format=csv`. */
export const GET = memberRoute(async (request, { context, session }) => {
  const { format } = readListQuery(request);
  const range = readDays(request, context);
  const rows = await usageByDay(context, session.userId, range);
  if (format === 'csv') return answerCsv(`usage-${range.from}-${range.to}`, toCsv(DAY_COLUMNS, rows));
  return answerJson({ ...range, rows });
});
