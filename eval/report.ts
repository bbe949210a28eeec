import type { Outcome } from './run-task.ts';

export type Report = {
  eval: 'coding-agent';
  /** Null: the demo model. */
  model: string | null;
  place: string;
  /** The demo model plays scenes: that a task passes says nothing about a model. */
  onlyProvesThePlumbing: boolean;
  sabotaged: boolean;
  passed: number;
  failed: number;
  /** Tasks that the demo model has no scene for. They were not done. */
  notApplicable: string[];
  costMicros: number | null;
  tasks: Outcome[];
};

export function makeReport(of: Pick<Report, 'model' | 'place' | 'notApplicable' | 'tasks' | 'sabotaged'>): Report {
  const passed = of.tasks.filter(({ ok }) => ok).length;
  const costs = of.tasks.flatMap(({ costMicros }) => costMicros ?? []);
  return {
    eval: 'coding-agent',
    model: of.model,
    place: of.place,
    onlyProvesThePlumbing: of.model === null,
    sabotaged: of.sabotaged,
    passed,
    failed: of.tasks.length - passed,
    notApplicable: of.notApplicable,
    costMicros: costs.length > 0 ? costs.reduce((sum, cost) => sum + cost, 0) : null,
    tasks: of.tasks,
  };
}

export const HEAD = row('', 'task', 'time', 'steps', 'cost');

export function taskLines({ name, ok, ms, steps, costMicros, failedChecks }: Outcome): string {
  const cost = costMicros === null ? '' : `$${(costMicros / 1e6).toFixed(4)}`;
  const lines = [row(ok ? 'ok' : 'FAILED', name, `${(ms / 1000).toFixed(1)} s`, String(steps), cost)];
  for (const { check, found } of failedChecks)
    lines.push(`         ${check}: ${found.replace(/\s+/g, ' ').slice(0, 300)}`);
  return lines.join('\n');
}

export function summary({ passed, failed, notApplicable, onlyProvesThePlumbing, place }: Report): string {
  const lines = [`${passed} passed, ${failed} failed, in ${place}.`];
  if (onlyProvesThePlumbing) {
    lines.push(
      'With the demo model this only proves the plumbing: its scenes are scripts. Set a provider key to evaluate a model.',
      `Not applicable with the demo model (${notApplicable.length}): ${notApplicable.join(', ') || 'none'}.`,
    );
  }
  return lines.join('\n');
}

function row(ok: string, name: string, time: string, steps: string, cost: string): string {
  return `${ok.padEnd(8)} ${name.padEnd(26)} ${time.padStart(9)} ${steps.padStart(6)} ${cost.padStart(10)}`.trimEnd();
}
