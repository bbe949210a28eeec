import { z } from 'zod';

import type { Context } from '../../../lib/context.ts';
import { InvalidInputError } from '../../../lib/errors.ts';
import { addDays, createCalendar } from '../../../lib/usage/periods.ts';

const MAX_DAYS = 800;

const pageSchema = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(100).optional(),
  format: z.enum(['json', 'csv']).default('json'),
  userId: z.uuid().optional(),
});
const rangeSchema = z.object({ from: z.iso.date().optional(), to: z.iso.date().optional() });

/** What all lists of usage take in their query. Throws InvalidInputError. */
export function readListQuery(request: Request): z.output<typeof pageSchema> {
  return parse(pageSchema, request);
}

/** `from` and `to`, both with them; this month without. Days of the usage time zone. */
export function readDays(request: Request, context: Context): { from: string; to: string } {
  const { from, to } = parse(rangeSchema, request);
  const month = createCalendar(context.settings.usage.timeZone).periodOf('monthly', context.now());
  const range = { from: from ?? month.firstDay, to: to ?? month.lastDay };
  if (range.to < range.from || addDays(range.from, MAX_DAYS) < range.to) {
    throw new InvalidInputError('bad_range', `"to" has to lie after "from", by at most ${MAX_DAYS} days.`);
  }
  return range;
}

function parse<T>(schema: z.ZodType<T>, request: Request): T {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError('invalid_query', `${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'not valid'}`);
}

/** A file that the browser saves. */
export function answerCsv(name: string, text: string): Response {
  return new Response(text, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
