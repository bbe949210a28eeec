import { formatMicros } from '../../lib/usage/money.ts';
import type { Overview } from '../../lib/usage/report/overview.ts';
import { count, dayLabel } from './usage-view.ts';

const head = 'py-2 pr-4 font-medium text-muted last:pr-0';
const cell = 'py-2 pr-4 last:pr-0';
const number = 'text-right tabular-nums whitespace-nowrap';
const wide = 'max-sm:hidden';

export function ModelTable({ overview }: { overview: Overview }) {
  return (
    <table className="w-full border-collapse text-table">
      <thead>
        <tr className="border-b border-line text-left">
          <th className={head}>Model</th>
          <th className={`${head} ${number}`}>Calls</th>
          <th className={`${head} ${number} ${wide}`}>Tokens in</th>
          <th className={`${head} ${number} ${wide}`}>Tokens out</th>
          <th className={`${head} ${number}`}>Cost</th>
        </tr>
      </thead>
      <tbody>
        {overview.models.map((model) => (
          <tr key={model.name} className="border-b border-line">
            <td className={`${cell} wrap-anywhere`}>{model.name}</td>
            <td className={`${cell} ${number}`}>{count(model.calls)}</td>
            <td className={`${cell} ${number} ${wide}`}>{count(model.inputTokens)}</td>
            <td className={`${cell} ${number} ${wide}`}>{count(model.outputTokens)}</td>
            <td className={`${cell} ${number}`}>{formatMicros(model.costMicros)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The numbers of the chart. */
export function DayTable({ overview }: { overview: Overview }) {
  const days = overview.days.filter(({ calls }) => calls > 0).toReversed();
  return (
    <table className="w-full border-collapse text-table">
      <thead>
        <tr className="border-b border-line text-left">
          <th className={head}>Day</th>
          {overview.series.map((name) => (
            <th key={name} className={`${head} text-right wrap-anywhere ${wide}`}>
              {name}
            </th>
          ))}
          <th className={`${head} ${number}`}>Calls</th>
          <th className={`${head} ${number}`}>Cost</th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day} className="border-b border-line">
            <td className={`${cell} whitespace-nowrap`}>{dayLabel(day.day)}</td>
            {day.parts.map((micros, index) => (
              <td key={overview.series[index]} className={`${cell} ${number} ${wide}`}>
                {micros === 0 ? '' : formatMicros(micros)}
              </td>
            ))}
            <td className={`${cell} ${number}`}>{count(day.calls)}</td>
            <td className={`${cell} ${number}`}>{formatMicros(day.costMicros)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
