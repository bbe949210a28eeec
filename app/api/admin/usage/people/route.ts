import { PERSON_COLUMNS } from '../../../../../lib/usage/report/columns.ts';
import { toCsv } from '../../../../../lib/usage/report/csv.ts';
import { usageByPerson } from '../../../../../lib/usage/report/everybody.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { adminRoute } from '../../../../_server/route.ts';
import { answerCsv, readDays, readListQuery } from '../../../usage/query.ts';

/** What everybody used, those who spent most first: `?from=&to=&page=&size=&format=csv`. */
export const GET = adminRoute(async (request, { context }) => {
  const { page, size, format } = readListQuery(request);
  const range = readDays(request, context);
  const people = await usageByPerson(context, range, { page, size });
  if (format === 'csv') return answerCsv(`usage-${range.from}-${range.to}`, toCsv(PERSON_COLUMNS, people.rows));
  return answerJson({ ...range, ...people });
});
