import { formatMicros } from '../../lib/usage/money.ts';
import type { Overview } from '../../lib/usage/report/overview.ts';
import { buttonClass } from '../ui/button.tsx';
import { BudgetCard } from './budget-card.tsx';
import { DayChart } from './day-chart.tsx';
import { DayTable, ModelTable } from './usage-tables.tsx';
import { type BudgetView, count, monthLabel } from './usage-view.ts';

export type UsageProps = {
  budgets: readonly BudgetView[];
  overview: Overview;
  /** `2026-05` */
  month: string;
  /** Null: there is none to look at. */
  earlier: string | null;
  later: string | null;
  range: { from: string; to: string };
  timeZone: string;
};

const page = (month: string) => `/usage?month=${month}`;

export function Usage({ budgets, overview, month, earlier, later, range, timeZone }: UsageProps) {
  const query = `from=${range.from}&to=${range.to}&format=csv`;
  return (
    <div className="space-y-8">
      <h1 className="text-title font-semibold">Usage</h1>
      {budgets.length > 0 ? (
        <div className="grid gap-4 sm:grid-cols-2">
          {budgets.map((budget) => (
            <BudgetCard key={budget.id} budget={budget} />
          ))}
        </div>
      ) : (
        <p className="text-muted">Nobody has set a budget for you.</p>
      )}
      <section aria-labelledby="month" className="space-y-4">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="month" className="font-semibold">
            {monthLabel(month)}
          </h2>
          <nav aria-label="Months" className="flex flex-wrap gap-2">
            {earlier ? (
              <a className={buttonClass('quiet')} href={page(earlier)}>
                {monthLabel(earlier)}
              </a>
            ) : null}
            {later ? (
              <a className={buttonClass('quiet')} href={page(later)}>
                {monthLabel(later)}
              </a>
            ) : null}
          </nav>
        </div>
        <dl className="grid grid-cols-2 gap-4 tabular-nums sm:grid-cols-4">
          {later ? null : <Figure name="Today" value={formatMicros(overview.todayMicros)} />}
          {later ? null : <Figure name="Calls today" value={count(overview.todayCalls)} />}
          <Figure name={later ? 'That month' : 'This month'} value={formatMicros(overview.totalMicros)} />
          <Figure name="Calls" value={count(overview.totalCalls)} />
        </dl>
      </section>
      {overview.totalCalls === 0 ? (
        <Empty current={later === null} />
      ) : (
        <>
          <section aria-labelledby="days" className="space-y-3">
            <h2 id="days" className="font-semibold">
              By day
            </h2>
            {overview.highestDayMicros > 0 ? (
              <DayChart overview={overview} />
            ) : (
              <p className="text-muted">None of these calls cost anything.</p>
            )}
            <details>
              <summary className="w-fit cursor-pointer rounded-control py-1 text-table text-muted hover:text-text pointer-coarse:py-3">
                The numbers as a table
              </summary>
              <DayTable overview={overview} />
            </details>
          </section>
          <section aria-labelledby="models" className="space-y-1">
            <h2 id="models" className="font-semibold">
              By model
            </h2>
            <ModelTable overview={overview} />
          </section>
          <section aria-label="Export" className="space-y-3">
            <div className="flex flex-wrap gap-2">
              <a className={buttonClass()} href={`/api/usage/days?${query}`} download>
                Export days (CSV)
              </a>
              <a className={buttonClass()} href="/api/usage/events?size=1000&format=csv" download>
                Export the latest calls (CSV)
              </a>
            </div>
            <Notes estimated={overview.estimatedCalls} cut={overview.cut} timeZone={timeZone} />
          </section>
        </>
      )}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="text-title font-semibold">{value}</dd>
    </div>
  );
}

function Empty({ current }: { current: boolean }) {
  return (
    <div className="space-y-3 rounded-card border border-line bg-panel px-4 py-6">
      <p className="text-muted">
        {current
          ? 'No model calls this month. They appear here a second after an agent has made one.'
          : 'No model calls in that month.'}
      </p>
      {current ? (
        <a className={buttonClass('primary')} href="/workspace">
          Open the workspace
        </a>
      ) : null}
    </div>
  );
}

function Notes({ estimated, cut, timeZone }: { estimated: number; cut: boolean; timeZone: string }) {
  return (
    <p className="text-meta text-muted">
      {cut ? 'So many models were called that the cheapest are left out here, also of the sums. ' : ''}
      {estimated > 0
        ? `${count(estimated)} of the calls ended before the provider said what they used; they count as much as was held for them. `
        : ''}
      {`Days are those of ${timeZone}. Costs are list prices, and may differ from the provider's bill.`}
    </p>
  );
}
