import { z } from 'zod';
import type { SandboxRecord } from '../state/record.ts';
import { BadRequestError } from './errors.ts';
import { parse } from './http.ts';

const PAGE_LIMIT = 100;

const Query = z.object({
  metadata: z.string().optional(),
  state: z.string().optional(),
  startedAfter: z.iso.datetime({ offset: true }).optional(),
  template: z.string().optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
  nextToken: z.string().optional(),
});

const State = z.enum(['running', 'paused']);

export type ListQuery = {
  metadata: [string, string][];
  states: z.infer<typeof State>[];
  startedAfter: number | null;
  template: string | null;
  order: 'asc' | 'desc';
  limit: number;
  after: Cursor | null;
};

type Cursor = { startedAt: number; id: string };

/** @throws BadRequestError */
export function parseListQuery(parameters: URLSearchParams): ListQuery {
  const query = parse(Query, {
    ...Object.fromEntries(parameters),
    // Both forms are in use: state=running,paused and state=running&state=paused.
    ...(parameters.has('state') ? { state: parameters.getAll('state').join(',') } : {}),
  });
  return {
    metadata: query.metadata === undefined ? [] : decodeMetadata(query.metadata),
    states: query.state ? query.state.split(',').map((name) => parse(State, name.trim())) : State.options,
    startedAfter: query.startedAfter === undefined ? null : Date.parse(query.startedAfter),
    template: query.template ?? null,
    order: query.order,
    limit: query.limit,
    after: query.nextToken ? decodeCursor(query.nextToken) : null,
  };
}

/** The SDK encodes each key and value, makes a query string of them, and sends that as one encoded value. */
export function decodeMetadata(text: string): [string, string][] {
  try {
    return [...new URLSearchParams(text)].map(([key, value]) => [decodeURIComponent(key), decodeURIComponent(value)]);
  } catch {
    throw new BadRequestError('invalid request: metadata is not a query string');
  }
}

/**
 * One page, and where the next one begins. Sandboxes are ordered by their start, newest first unless asked otherwise.
 * `running`: how many of all pages' sandboxes run; null when running ones were not asked for.
 */
export function selectPage(
  records: SandboxRecord[],
  query: ListQuery,
): { page: SandboxRecord[]; nextToken: string | null; running: number | null } {
  const direction = query.order === 'asc' ? 1 : -1;
  const compare = (a: Cursor, b: Cursor) =>
    direction * (a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const { after } = query;
  const all = records
    .filter((record) => query.states.includes(record.state))
    // A Date of a caller has milliseconds, and so has ours: the sandbox that the time was read from is one of them.
    .filter((record) => query.startedAfter === null || record.startedAt >= query.startedAfter)
    .filter((record) => query.template === null || [record.templateID, record.alias].includes(query.template))
    .filter((record) => query.metadata.every(([key, value]) => record.metadata[key] === value));
  const matching = all.filter((record) => after === null || compare(record, after) > 0).sort(compare);
  const page = matching.slice(0, query.limit);
  const last = page.at(-1);
  return {
    page,
    nextToken: matching.length > page.length && last ? encodeCursor(last) : null,
    running: query.states.includes('running') ? all.filter((record) => record.state === 'running').length : null,
  };
}

function encodeCursor({ startedAt, id }: Cursor): string {
  return Buffer.from(`${startedAt}.${id}`).toString('base64url');
}

function decodeCursor(token: string): Cursor {
  const match = /^(\d{1,16})\.([a-z0-9]+)$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (!match?.[1] || !match[2])
    throw new BadRequestError('invalid request: nextToken was not given out by this engine');
  return { startedAt: Number(match[1]), id: match[2] };
}
