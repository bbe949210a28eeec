import { StatusIcon } from '../status/status-icon.tsx';
import type { BudgetView } from './usage-view.ts';

const looks = {
  ok: { icon: 'ready', colour: 'text-ok', bar: 'fill-accent' },
  warning: { icon: 'queued', colour: 'text-warn', bar: 'fill-warn' },
  spent: { icon: 'broken', colour: 'text-bad', bar: 'fill-bad' },
} as const;

/** Spend against a budget: the number, the bar, what is left and when it begins anew. */
export function BudgetCard({ budget }: { budget: BudgetView }) {
  const { icon, colour, bar } = looks[budget.state];
  return (
    <section aria-label={budget.title} className="space-y-3 rounded-card border border-line bg-panel px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 className="font-medium">{budget.title}</h2>
        <span className="inline-flex items-center gap-2 self-center">
          <StatusIcon kind={icon} className={colour} />
          {budget.word}
        </span>
      </div>
      <p className="tabular-nums">
        <span className="text-title font-semibold">{budget.spent}</span>
        <span className="text-muted">{` of ${budget.limit}`}</span>
      </p>
      <svg
        role="img"
        aria-label={`${budget.percent}% of the budget is spent`}
        viewBox="0 0 100 2"
        preserveAspectRatio="none"
        className="block h-2 w-full rounded-control forced-colors:border"
      >
        <rect width="100" height="2" className="fill-line" />
        <rect width={Math.min(100, budget.percent)} height="2" className={`${bar} forced-colors:fill-current`} />
      </svg>
      <p className="text-muted">
        {`${budget.left} left. Resets ${budget.resets}.`}
        {budget.raise ? ` ${budget.raise}` : ''}
      </p>
    </section>
  );
}
