import { MICROS } from '../money.ts';

type Cell = string | number | boolean | null;

/** A CSV file of RFC 4180. Columns in micro-dollars become dollars. */
export function toCsv<Row extends Record<string, Cell>>(
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): string {
  const title = (column: string) => cell(column.replace(/Micros$/, 'Usd'));
  const lines = rows.map((row) => columns.map((column) => cell(valueOf(column, row[column] ?? null))).join(','));
  return `${[columns.map(title).join(','), ...lines].join('\r\n')}\r\n`;
}

function valueOf(column: string, value: Cell): Cell {
  return column.endsWith('Micros') && typeof value === 'number' ? (value / MICROS).toFixed(6) : value;
}

/** What begins like a formula is one to a spreadsheet: names come from outside. */
function cell(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
