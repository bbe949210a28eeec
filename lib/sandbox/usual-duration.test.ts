import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../testing.ts';
import { usualProvisioningTime } from './usual-duration.ts';

let context: TestContext;
beforeAll(async () => {
  context = await createTestContext();
});
afterAll(() => context.close());

/** A set-up that took so many milliseconds, in the history. */
async function record(milliseconds: number, times = 1) {
  const sandbox = crypto.randomUUID();
  const begun = new Date('2026-01-01T00:00:00Z');
  const event = { sandbox, user_id: sandbox, epoch: 1, kind: 'status', by_kind: 'system', reason: 'test' } as const;
  for (let round = 0; round < times; round += 1) {
    await context.database.db
      .insertInto('sandbox_events')
      .values([
        { ...event, to_status: 'provisioning', at: begun },
        { ...event, from_status: 'provisioning', to_status: 'ready', at: new Date(begun.getTime() + milliseconds) },
      ])
      .execute();
  }
}

it('says nothing while there are too few, then the median', async () => {
  expect(await usualProvisioningTime(context)).toBeNull();
  await record(2_000);
  await record(90_000);
  expect(await usualProvisioningTime(context)).toBeNull();
  await record(3_000);
  expect(await usualProvisioningTime(context)).toBe(3_000);
});

it('counts a sandbox that was set up again from its latest beginning', async () => {
  await record(4_000, 4);
  expect(await usualProvisioningTime(context)).toBe(4_000);
});

it('looks at the latest set-ups only', async () => {
  for (let round = 0; round < 50; round += 1) await record(1_500);
  expect(await usualProvisioningTime(context)).toBe(1_500);
});
