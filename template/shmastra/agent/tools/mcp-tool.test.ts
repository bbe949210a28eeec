import { expect, test } from 'vitest';
import catalogue from '../catalogue/mcp-servers.json' with { type: 'json' };
import { searchCatalogue } from './mcp-tool.ts';

test('finds servers by name and by what they are for', () => {
  const names = (query: string) => searchCatalogue(catalogue.servers, query).map(({ name }) => name);
  expect(names('github issues')[0]).toBe('GitHub');
  expect(names('browser')).toContain('Playwright');
  expect(names('zzz')).toEqual([]);
});

test('each server says how it is reached', () => {
  for (const server of catalogue.servers) expect('url' in server || 'npm' in server).toBe(true);
  expect(catalogue.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
