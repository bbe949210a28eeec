/** The most (or the least) that a figure may be, and whether it was kept. */
export type Target = { target: number; value: number; ok: boolean; least?: boolean };

/** Figures of a benchmark, for people, and with `--json` as one JSON object on the last line. */
export function report(name: string, figures: Record<string, number>, targets: Record<string, Target> = {}): void {
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(34)} ${value}`);
  for (const [figure, { target, value, ok, least }] of Object.entries(targets)) {
    console.log(`${ok ? 'met   ' : 'MISSED'} ${figure} ${value} (at ${least ? 'least' : 'most'} ${target})`);
  }
  const extra = Object.keys(targets).length > 0 ? { targets } : {};
  if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: name, ...figures, ...extra }));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
