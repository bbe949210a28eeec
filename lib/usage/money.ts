/** Micro-dollars in a dollar. Money is in whole micro-dollars everywhere but in what people read and write. */
export const MICROS = 1_000_000;

/** A million dollars: no call costs more, and sums of it fit into what Postgres counts with. */
export const MOST_MICROS = 1_000_000 * MICROS;

export function dollarsToMicros(dollars: number): number {
  return Math.round(dollars * MICROS);
}

/** `$12.34`; below a cent with as many digits as tell it from nothing. */
export function formatMicros(micros: number): string {
  const dollars = micros / MICROS;
  if (micros === 0) return '$0.00';
  if (Math.abs(dollars) < 0.0001) return dollars < 0 ? '-$0.0001' : 'less than $0.0001';
  if (Math.abs(dollars) < 0.01) return `$${dollars.toFixed(4)}`;
  return dollars.toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}
