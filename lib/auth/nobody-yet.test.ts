import { expect, it } from 'vitest';

import { createTestContext, insertUser } from '../testing.ts';
import { createNobodyYet } from './nobody-yet.ts';

it('is so until there is an admin, and unknown without Postgres', async () => {
  const context = await createTestContext();
  const [nobodyYet, later] = [createNobodyYet(), createNobodyYet()];
  await insertUser(context);
  expect(await nobodyYet(context)).toBe(true);
  await insertUser(context, 'admin@example.com', 'admin');
  expect(await nobodyYet(context)).toBe(false);
  await context.close();
  expect([await nobodyYet(context), await later(context)]).toEqual([false, false]);
});
