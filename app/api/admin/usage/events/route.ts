import { EVENT_COLUMNS } from '../../../../../lib/usage/report/columns.ts';
import { toCsv } from '../../../../../lib/usage/report/csv.ts';
import { listEvents } from '../../../../../lib/usage/report/event-list.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { answerCsv, readListQuery } from '../../../usage/query.ts';

/** Calls of one user or of everybody, the latest first: `?userId=&size=&cursor=&format=csv`. */
export const GET = adminRoute(async (request, { context }) => {
  const { size, cursor = null, format, userId = null } = readListQuery(request);
  const page = await listEvents(context, userId, { size, cursor });
  if (format === 'csv') return answerCsv('calls', toCsv(EVENT_COLUMNS, page.rows));
  return answerJson(page);
});
