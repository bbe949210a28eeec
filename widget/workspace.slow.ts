import { beforeAll, expect, test } from 'vitest';
import type { Site } from './testing/site.ts';
import { visits } from './testing/visits.ts';

const { visit, startedSite } = visits();
let site: Site;
beforeAll(() => void (site = startedSite()));

test('says what the workspace does; a message waits for it', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  await chat.setState('asleep');
  await chat.button('Wake').click();
  await expect.poll(() => site.wakes).toBe(1);
  await chat.setState('healing');
  await chat.text(/being repaired/).waitFor();
  await chat.say('say it later');
  await chat.text('1 waiting').waitFor();
  expect(site.api.requests).toEqual([]);
  await chat.setState('ready');
  await chat.text('Hello from the double.').waitFor();
});

test('an answer of the workspace ends that it does not answer, be it read or streamed', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  await chat.setState('unreachable');
  await chat.text('Your workspace does not answer. Trying again.').waitFor();
  await chat.composer.fill('count');
  await chat.text('Your workspace does not answer. Your draft is kept.').waitFor();
  await chat.button('Retry').click();
  await chat.page.locator('.banner').waitFor({ state: 'detached' });
  await chat.composer.press('Enter');
  await chat.text('line-10.').waitFor();
  await chat.setState('unreachable');
  await expect.poll(() => chat.page.locator('.banner').count()).toBe(0);
});

test('signed out, other versions, a spent budget: one thing to do each', async () => {
  const chat = await visit();
  await chat.composer.waitFor();
  site.api.refusal = { status: 401, body: {} };
  await chat.say('say hello');
  await chat.button('Sign in').waitFor();
  await chat.text('1 waiting').waitFor();
  site.api.refusal = { status: 426, body: { error: { code: 'version', versions: [2] } } };
  await chat.page.reload();
  await chat.button('Reload').waitFor();
  site.api.refusal = null;
  await chat.page.reload();
  await chat.say('budget');
  await chat.page.getByRole('region', { name: 'Budget' }).waitFor();
  await chat.button('Export').waitFor();
  expect(await chat.composer.count()).toBe(0);
});

test('warns before the budget ends, when the panel opens', async () => {
  const resetsAt = new Date(2026, 5, 1).toISOString();
  site.usage = { spentMicros: 16_100_000, limitMicros: 20_000_000, resetsAt, state: 'warning' };
  const chat = await visit();
  await chat.text('80% of the budget is used: $16.10 of $20.00. Resets 1 June.').waitFor();
  expect(await chat.button('Usage').count()).toBe(1);
  expect(await chat.composer.count()).toBe(1);
});
