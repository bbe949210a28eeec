import type { SoakResult } from './soak.ts';

/** What a soak has shown, for a person. */
export function verdict(result: SoakResult): { ok: boolean; lines: string[] } {
  const { operations, refusals, census, failures, seed, seconds } = result;
  const counts = Object.entries(operations).map(([operation, outcomes]) => {
    const parts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    return `  ${operation.padEnd(44)} ${parts.join(', ')}`;
  });
  const problems = [
    ...(refusals.without > 0 ? [`${refusals.without} answers 429 or 503 had no Retry-After`] : []),
    ...failures.flatMap(({ message, subject, history }) => [
      `${subject}: ${message}`,
      ...history.map((line) => `    ${line}`),
    ]),
  ];
  const ok = problems.length === 0;
  return {
    ok,
    lines: [
      'operations:',
      ...counts,
      `refused with 429 or 503: ${refusals.seen}, all with Retry-After: ${refusals.without === 0}`,
      `first look:  ${JSON.stringify(census.first)}`,
      `last look:   ${JSON.stringify(census.last)}`,
      `at most:     ${JSON.stringify(census.worst)}`,
      ...problems,
      ok
        ? `KEPT: ${seconds} s, seed ${seed}: every promise was kept, nothing is left`
        : `BROKEN: ${failures.length} promises in ${seconds} s; repeat with --seed ${seed}`,
    ],
  };
}
