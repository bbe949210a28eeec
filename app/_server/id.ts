import { z } from 'zod';

import { NotFoundError } from '../../lib/errors.ts';

/** The dynamic part of a route's address, as Next hands it over. */
export type WithId = { params: Promise<{ id: string }> };

/** The id in the address. What is no id leads nowhere. */
export async function readId({ params }: WithId): Promise<string> {
  const parsed = z.uuid().safeParse((await params).id);
  if (!parsed.success) throw new NotFoundError('not_found', 'There is nothing at this address.');
  return parsed.data;
}
