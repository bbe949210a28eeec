import { formatMicros } from '../../lib/usage/money.ts';
import type { Overview } from '../../lib/usage/report/overview.ts';
import { dayLabel } from './usage-view.ts';

/** In the order of the series. Which is which is said by the legend and, in numbers, by the table. */
const FILLS = ['fill-accent', 'fill-demo', 'fill-ok', 'fill-warn', 'fill-control'];
const HEIGHT = 100;
const SLOT = 10;

/** A bar for each day, cut by model. The numbers are in the table below it. */
export function DayChart({ overview }: { overview: Overview }) {
  const { days, series, highestDayMicros } = overview;
  const last = days.at(-1);
  return (
    <figure className="space-y-2">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-table">
        {series.map((name, index) => (
          <li key={name} className="inline-flex min-w-0 items-center gap-2">
            <svg viewBox="0 0 10 10" aria-hidden="true" className="size-2.5 shrink-0">
              <rect width="10" height="10" rx="2" className={fillOf(index)} />
            </svg>
            <span className="wrap-anywhere">{name}</span>
          </li>
        ))}
      </ul>
      <p className="text-meta text-muted tabular-nums">{`Highest day: ${formatMicros(highestDayMicros)}`}</p>
      <svg
        role="img"
        aria-label={`Cost per day and model, ${days[0] ? dayLabel(days[0].day) : ''} to ${last ? dayLabel(last.day) : ''}. The table has the numbers.`}
        viewBox={`0 0 ${days.length * SLOT} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-40 w-full border-b border-control"
      >
        {days.map((day, slot) => (
          <g key={day.day}>
            <title>{`${dayLabel(day.day)}: ${formatMicros(day.costMicros)}`}</title>
            <rect x={slot * SLOT} width={SLOT} height={HEIGHT} className="fill-transparent" />
            {segments(day.parts, highestDayMicros).map(({ index, y, height }) => (
              <rect
                key={index}
                x={slot * SLOT + SLOT * 0.15}
                width={SLOT * 0.7}
                y={y}
                height={height}
                className={fillOf(index)}
              />
            ))}
          </g>
        ))}
      </svg>
      <figcaption className="flex justify-between text-meta text-muted">
        <span>{days[0] ? dayLabel(days[0].day) : ''}</span>
        <span>{last ? dayLabel(last.day) : ''}</span>
      </figcaption>
    </figure>
  );
}

function fillOf(index: number): string {
  return FILLS[Math.min(index, FILLS.length - 1)] ?? 'fill-control';
}

/** From the bottom up. */
function segments(parts: readonly number[], highest: number) {
  let below = 0;
  return parts.flatMap((micros, index) => {
    if (micros === 0 || highest === 0) return [];
    const height = (micros / highest) * HEIGHT;
    below += height;
    return { index, y: HEIGHT - below, height };
  });
}
