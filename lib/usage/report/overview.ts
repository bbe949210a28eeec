import { addDays } from '../periods.ts';
import type { DayReport, DayRow } from './days.ts';

export type ModelSum = {
  /** `openai/gpt-5-mini` */
  name: string;
  costMicros: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  estimatedCalls: number;
};

export type DaySum = {
  day: string;
  costMicros: number;
  calls: number;
  /** Cost of each series of the chart, in their order. */
  parts: number[];
};

/** A month of usage, for people. Money in micro-dollars. */
export type Overview = {
  todayMicros: number;
  todayCalls: number;
  totalMicros: number;
  totalCalls: number;
  estimatedCalls: number;
  models: ModelSum[];
  /** Every day of the range, also those without a call. */
  days: DaySum[];
  /** What the chart tells apart: the dearest models, and the rest as one. */
  series: string[];
  highestDayMicros: number;
  /** The cheapest were too many to be here, and are not in the sums. */
  cut: boolean;
};

/** More colours than this are not told apart. */
const SERIES = 4;
export const REST = 'Other models';

export function buildOverview({ rows, cut }: DayReport, range: { from: string; to: string }, today: string): Overview {
  const models = sumModels(rows);
  const named = models.slice(0, SERIES).map(({ name }) => name);
  const series = models.length > SERIES ? [...named, REST] : named;
  const days = new Map<string, DaySum>();
  for (let day = range.from; day <= range.to; day = addDays(day, 1)) {
    days.set(day, { day, costMicros: 0, calls: 0, parts: series.map(() => 0) });
  }
  for (const row of rows) {
    const day = days.get(row.day);
    if (!day) continue;
    const found = named.indexOf(nameOf(row));
    const index = found === -1 ? series.length - 1 : found;
    day.parts[index] = (day.parts[index] ?? 0) + row.costMicros;
    day.costMicros += row.costMicros;
    day.calls += row.calls;
  }
  const all = [...days.values()];
  const sum = (of: (model: ModelSum) => number) => models.reduce((total, model) => total + of(model), 0);
  return {
    todayMicros: days.get(today)?.costMicros ?? 0,
    todayCalls: days.get(today)?.calls ?? 0,
    totalMicros: sum(({ costMicros }) => costMicros),
    totalCalls: sum(({ calls }) => calls),
    estimatedCalls: sum(({ estimatedCalls }) => estimatedCalls),
    models,
    days: all,
    series,
    cut,
    highestDayMicros: Math.max(0, ...all.map(({ costMicros }) => costMicros)),
  };
}

function sumModels(rows: readonly DayRow[]): ModelSum[] {
  const models = new Map<string, ModelSum>();
  for (const row of rows) {
    const name = nameOf(row);
    const sum = models.get(name) ?? {
      name,
      costMicros: 0,
      calls: 0,
      inputTokens: 0,
      outputTokens: 0,
      estimatedCalls: 0,
    };
    sum.costMicros += row.costMicros;
    sum.calls += row.calls;
    sum.inputTokens += row.inputTokens;
    sum.outputTokens += row.outputTokens;
    sum.estimatedCalls += row.estimatedCalls;
    models.set(name, sum);
  }
  return [...models.values()].sort((a, b) => b.costMicros - a.costMicros || b.calls - a.calls);
}

function nameOf({ provider, model }: DayRow): string {
  return model === '' ? provider : `${provider}/${model}`;
}
