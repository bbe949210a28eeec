import type { Metadata } from 'next';
import { z } from 'zod';

import { Shell } from '../../components/ui/shell.tsx';
import { viewBudget } from '../../components/usage/usage-view.ts';
import { Usage } from '../../components/usage/usage.tsx';
import { addDays, createCalendar } from '../../lib/usage/periods.ts';
import { budgetStates } from '../../lib/usage/report/budget-states.ts';
import { usageByDay } from '../../lib/usage/report/days.ts';
import { buildOverview } from '../../lib/usage/report/overview.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { requireViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Usage' };

const monthSchema = z.string().regex(/^20\d\d-(?:0[1-9]|1[0-2])$/);

/** What the person used: against their budgets, by day and by model. The month is in the address. */
export default async function UsagePage({ searchParams }: { searchParams: SearchParams }) {
  const viewer = await requireViewer('/usage');
  const context = getContext();
  const { timeZone, keepMonths } = context.settings.usage;
  const now = context.now();
  const calendar = createCalendar(timeZone);
  const today = calendar.dayOf(now);
  const asked = monthSchema.safeParse(await searchValue(searchParams, 'month'));
  const thisMonth = today.slice(0, 7);
  const month = asked.success && asked.data < thisMonth ? asked.data : thisMonth;
  const range = { from: `${month}-01`, to: addDays(`${monthAfter(month)}-01`, -1) };
  const [budgets, report] = await Promise.all([
    budgetStates(context, viewer.userId),
    usageByDay(context, viewer.userId, range),
  ]);
  const earlier = addDays(range.from, -1).slice(0, 7);
  return (
    <Shell width="wide" at="/usage" viewer={{ email: viewer.email, role: viewer.role }}>
      <Usage
        budgets={budgets.map((budget) => viewBudget(budget, timeZone))}
        overview={buildOverview(report, range, today)}
        month={month}
        earlier={earlier > addDays(today, -31 * keepMonths).slice(0, 7) ? earlier : null}
        later={month < thisMonth ? monthAfter(month) : null}
        range={range}
        timeZone={timeZone}
      />
    </Shell>
  );
}

function monthAfter(month: string): string {
  return addDays(`${month}-01`, 31).slice(0, 7);
}
