import { describe, expect, it } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { decodeMetadata, parseListQuery, selectPage } from './list-query.ts';

const parse = (text: string) => parseListQuery(new URLSearchParams(text));

/** As the SDK does it. */
function encode(metadata: Record<string, string>): string {
  const pairs = Object.entries(metadata).map(
    ([key, value]) => [encodeURIComponent(key), encodeURIComponent(value)] as [string, string],
  );
  return new URLSearchParams(pairs).toString();
}

describe('decodeMetadata', () => {
  it.each<Record<string, string>>([{ a: 'b' }, { 'k 1&2': '=%?#' }, { ключ: 'значение+1', plus: '+' }])(
    'decodes what the SDK encodes: %j',
    (metadata) => {
      expect(Object.fromEntries(decodeMetadata(encode(metadata)))).toEqual(metadata);
    },
  );
  it('refuses what cannot be decoded', () => {
    expect(() => decodeMetadata('a=%25zz')).toThrow(/metadata/);
  });
});

describe('parseListQuery', () => {
  it('has defaults', () => {
    expect(parse('')).toMatchObject({
      states: ['running', 'paused'],
      order: 'desc',
      limit: 100,
      after: null,
      metadata: [],
    });
  });
  it('takes both forms of several states', () => {
    expect(parse('state=running,paused').states).toEqual(['running', 'paused']);
    expect(parse('state=paused&state=running').states).toEqual(['paused', 'running']);
  });
  it.each([
    'state=gone',
    'limit=0',
    'limit=1000',
    'limit=x',
    'nextToken=nonsense',
    'order=up',
    'startedAfter=yesterday',
  ])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow(/invalid request/);
  });
});

describe('selectPage', () => {
  const records = [1, 2, 3, 4, 5].map((number) =>
    testRecord({
      id: `i${number}`,
      startedAt: number * 1000,
      metadata: { parity: String(number % 2) },
      state: number === 5 ? 'paused' : 'running',
    }),
  );
  const ids = (text: string) => selectPage(records, parse(text)).page.map((record) => record.id);

  it('orders by start', () => {
    expect(ids('')).toEqual(['i5', 'i4', 'i3', 'i2', 'i1']);
    expect(ids('order=asc')).toEqual(['i1', 'i2', 'i3', 'i4', 'i5']);
  });
  it('filters', () => {
    expect(ids('state=paused')).toEqual(['i5']);
    expect(ids('metadata=parity%3D1')).toEqual(['i5', 'i3', 'i1']);
    expect(ids('metadata=other%3D1')).toEqual([]);
    expect(ids(`startedAfter=${new Date(3000).toISOString()}`)).toEqual(['i5', 'i4', 'i3']);
    expect(ids('template=base')).toHaveLength(5);
    expect(ids('template=other')).toEqual([]);
  });
  it('counts those that run on all pages', () => {
    expect(selectPage(records, parse('limit=1')).running).toBe(4);
    expect(selectPage(records, parse('limit=1&metadata=parity%3D1')).running).toBe(2);
    expect(selectPage(records, parse('state=paused')).running).toBeNull();
  });
  it.each(['asc', 'desc'])('goes through all pages once, %s', (order) => {
    const seen: string[] = [];
    let token: string | null = '';
    while (token !== null) {
      const { page, nextToken } = selectPage(
        records,
        parse(`order=${order}&limit=2${token ? `&nextToken=${token}` : ''}`),
      );
      seen.push(...page.map((record) => record.id));
      token = nextToken;
    }
    expect(seen).toEqual(ids(`order=${order}`));
  });
});
