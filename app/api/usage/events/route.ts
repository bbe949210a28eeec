import { EVENT_COLUMNS } from '../../../../lib/usage/report/columns.ts';
import { toCsv } from '../../../../lib/usage/report/csv.ts';
import { listEvents } from '../../../../lib/usage/report/event-list.ts';
import { answerJson } from '../../../_server/answer.ts';
import { memberRoute } from '../../../_server/route.ts';
import { answerCsv, readListQuery } from '../query.ts';

/** The caller's calls, the latest first: `?size=&cursor=&format=csv`. */
export const GET = memberRoute(async (request, { context, session }) => {
  const { size, cursor = null, format } = readListQuery(request);
  const page = await listEvents(context, session.userId, { size, cursor });
  if (format === 'csv') return answerCsv('calls', toCsv(EVENT_COLUMNS, page.rows));
  return answerJson(page);
});
