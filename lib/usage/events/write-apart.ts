import { isDataError } from './data-error.ts';

/**
 * Writes rows together; when Postgres cannot hold one of them, in halves, until that one is alone. The others are written
 * whatever their neighbour says. Throws what is no fault of a row.
 * @param refused what becomes of a row that cannot be written
 */
export async function writeApart<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<void>,
  refused: (row: Row, error: unknown) => Promise<void> | void,
): Promise<void> {
  try {
    await write(rows);
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [first] = rows;
    if (first !== undefined && rows.length === 1) return refused(first, error);
    const middle = rows.length >> 1;
    await writeApart(rows.slice(0, middle), write, refused);
    await writeApart(rows.slice(middle), write, refused);
  }
}
