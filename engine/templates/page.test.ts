import { expect, it } from 'vitest';
import { pageOf } from './page.ts';

const item = (day: number, id: string) => ({ createdAt: `2026-01-0${day}T00:00:00.000Z`, id });
const items = [item(1, 'a'), item(3, 'b'), item(2, 'c'), item(3, 'd')];

it('leads through a list that changes meanwhile, newest first', () => {
  const first = pageOf(items, ({ id }) => id, { limit: 2 });
  expect(first.page.map(({ id }) => id)).toEqual(['d', 'b']);
  const changed = [...items.filter(({ id }) => id !== 'b'), item(4, 'e')];
  const second = pageOf(changed, ({ id }) => id, { limit: 2, nextToken: first.nextToken ?? '' });
  expect(second).toEqual({ page: [item(2, 'c'), item(1, 'a')], nextToken: null });
});

it('refuses a token that it did not give out', () => {
  expect(() => pageOf(items, ({ id }) => id, { limit: 2, nextToken: 'rubbish' })).toThrow('Invalid next token');
});
