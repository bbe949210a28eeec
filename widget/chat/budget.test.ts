import { beforeEach, expect, test } from 'vitest';
import type { Info } from '../api/shapes.ts';
import { createBudget } from './budget.ts';
import { type ChatStore, createChatStore } from './state.ts';

const info: Info = {
  ...{ api: 1, demo: false, tiers: [], defaultTier: 'general' },
  limits: { promptCharacters: 1, attachmentBytes: 1, attachments: 1 },
};
const usage = (state: string, spentMicros: number) => ({
  ...{ state, spentMicros, limitMicros: 20_000_000 },
  resetsAt: '2026-06-01T12:00:00Z',
});

let store: ChatStore;
let answer: { status: number; body: unknown };
let asked: string[];
let at: number;
let budget: ReturnType<typeof createBudget>;

beforeEach(() => {
  store = createChatStore({ info });
  [asked, at] = [[], 0];
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url);
    if (answer.status === 0) throw new TypeError('Failed to fetch');
    return Response.json(answer.body, { status: answer.status });
  };
  budget = createBudget({ store, fetch, now: () => at });
});

/** What is said after another look, a minute later. */
async function lookAfter(body: unknown, status = 200) {
  answer = { status, body };
  at += 60_000;
  await budget.look();
  const { budgetWarning, budgetSpent } = store.getState();
  return { budgetWarning, budgetSpent };
}

test('warns before the budget ends, and takes it back when there is more', async () => {
  expect(await lookAfter(usage('ok', 15_000_000))).toEqual({ budgetWarning: null, budgetSpent: null });
  expect(await lookAfter(usage('warning', 16_190_000))).toEqual({
    budgetWarning: '80% of the budget is used: $16.19 of $20.00. Resets 1 June.',
    budgetSpent: null,
  });
  expect(await lookAfter(usage('spent', 20_000_000))).toEqual({
    budgetWarning: null,
    budgetSpent: 'Budget spent: $20.00 of $20.00. Resets 1 June.',
  });
  expect(await lookAfter(usage('ok', 20_000_000))).toEqual({ budgetWarning: null, budgetSpent: null });
  expect(asked).toEqual(Array.from({ length: 4 }, () => '/api/usage/me'));
});

test('asks at most once a minute', async () => {
  await lookAfter(usage('ok', 0));
  at += 59_999;
  await budget.look();
  expect(asked).toHaveLength(1);
  at += 1;
  await budget.look();
  expect(asked).toHaveLength(2);
});

test('keeps what it knows when the answer fails or cannot be read', async () => {
  const warned = await lookAfter(usage('warning', 19_000_000));
  expect(await lookAfter(null, 0)).toEqual(warned);
  expect(await lookAfter({ error: {} }, 503)).toEqual(warned);
  expect(await lookAfter({ state: 'other' })).toEqual(warned);
});

test('leaves alone what a refusal said', async () => {
  store.setState({ budgetSpent: 'Your monthly budget has $0.10 left.' });
  expect(await lookAfter(usage('warning', 19_900_000))).toMatchObject({
    budgetSpent: 'Your monthly budget has $0.10 left.',
  });
});

test('says nothing where nothing is limited or billed', async () => {
  expect(await lookAfter({ ...usage('ok', 9e9), limitMicros: null })).toEqual({
    budgetWarning: null,
    budgetSpent: null,
  });
  store.setState({ info: { ...info, demo: true } });
  await lookAfter(usage('spent', 20_000_000));
  store.setState({ info: null });
  expect(await lookAfter(usage('spent', 20_000_000))).toEqual({ budgetWarning: null, budgetSpent: null });
  expect(asked).toHaveLength(1);
});
