import { expect, test } from 'vitest';
import { writeApart } from './write-apart.ts';

const dataError = () => Object.assign(new Error('unsupported Unicode escape sequence'), { code: '22P05' });

function table(bad: readonly number[]) {
  const written: number[] = [];
  let attempts = 0;
  return {
    written,
    attempts: () => attempts,
    write: async (rows: readonly number[]) => {
      attempts += 1;
      if (rows.some((row) => bad.includes(row))) throw dataError();
      written.push(...rows);
    },
  };
}

test('writes all rows but those that cannot be written, in few attempts', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => index);
  const { written, attempts, write } = table([3, 499]);
  const refused: number[] = [];
  await writeApart(rows, write, (row) => void refused.push(row));
  expect(refused).toEqual([3, 499]);
  expect(written).toEqual(rows.filter((row) => row !== 3 && row !== 499));
  expect(attempts()).toBeLessThan(50);
});

test('fails as a whole when it is not for a row', async () => {
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  const refused: number[] = [];
  const work = writeApart(
    [1, 2],
    () => Promise.reject(away),
    (row) => void refused.push(row),
  );
  await expect(work).rejects.toBe(away);
  expect(refused).toEqual([]);
});
