import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { arrayLiteral } from './array-literal.ts';

test('Postgres reads back what was written, whatever is in it', async () => {
  const texts = ['', 'plain', 'a,b', '{}', '"', '\\', '\\"', 'NULL', null, 'two\nlines', ' spaces ', 'ü€😀'];
  const client = new pg.Client(inject('postgresUrl'));
  await client.connect();
  try {
    const { rows } = await client.query<{ texts: unknown; numbers: unknown; flags: unknown }>(
      'select $1::text[] as texts, $2::integer[] as numbers, $3::boolean[] as flags',
      [arrayLiteral(texts), arrayLiteral([1, -2, null]), arrayLiteral([true, false])],
    );
    expect(rows[0]).toEqual({ texts, numbers: [1, -2, null], flags: [true, false] });
    expect((await client.query('select $1::text[] as none', [arrayLiteral([])])).rows[0]).toEqual({ none: [] });
  } finally {
    await client.end();
  }
});
