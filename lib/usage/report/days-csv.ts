import { DAY_COLUMNS } from './columns.ts';
import { toCsv } from './csv.ts';
import type { DayReport } from './days.ts';

/** A report as a file. When it was cut, its last line says so where a reader of the sums comes by. */
export function daysCsv({ rows, cut }: DayReport): string {
  const file = toCsv(DAY_COLUMNS, rows);
  const note = `${rows.length} rows; those that cost less are left out`;
  return cut ? `${file},,${note}${','.repeat(DAY_COLUMNS.length - 3)}\r\n` : file;
}
