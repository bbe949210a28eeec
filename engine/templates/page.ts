import { BadRequestError } from '../api/errors.ts';

type Dated = { createdAt: string };

/**
 * One page of a list, newest first, and where the next one begins: what is added or removed meanwhile moves nothing.
 * @param idOf tells apart what was made at the same moment
 * @throws BadRequestError for a token that is none
 */
export function pageOf<T extends Dated>(
  items: T[],
  idOf: (item: T) => string,
  { limit, nextToken }: { limit: number; nextToken?: string | undefined },
): { page: T[]; nextToken: string | null } {
  const key = (item: T) => `${item.createdAt} ${idOf(item)}`;
  const after = nextToken ? decode(nextToken) : null;
  const left = items
    .map((item) => ({ item, key: key(item) }))
    .filter((entry) => after === null || entry.key < after)
    .toSorted((a, b) => (a.key < b.key ? 1 : -1));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return {
    page: page.map(({ item }) => item),
    nextToken: left.length > page.length && last ? Buffer.from(last.key).toString('base64url') : null,
  };
}

function decode(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (/^\d{4}-[\dT:.-]+Z \S+$/.test(text)) return text;
  throw new BadRequestError('Invalid next token');
}
