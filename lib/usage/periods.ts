export type PeriodKind = 'daily' | 'weekly' | 'monthly';
export const PERIOD_KINDS: readonly PeriodKind[] = ['daily', 'weekly', 'monthly'];

/** A stretch of time with the days that it begins and ends on. The end belongs to the next one. */
export type Period = { kind: PeriodKind; start: Date; end: Date; firstDay: string; lastDay: string };

export type Calendar = {
  timeZone: string;
  /** The day of a moment, `2026-03-29`. */
  dayOf(at: Date): string;
  /** The day, week (from Monday) or month that a moment lies in. */
  periodOf(kind: PeriodKind, at: Date): Period;
  /** When a day begins. */
  startOf(day: string): Date;
};

/** No zone is further than this from UTC. */
const WIDEST_OFFSET_MS = 15 * 3_600_000;
const DAY_MS = 86_400_000;
/** Today, and yesterday for what is still written. */
const KNOWN_DAYS = 3;

/** Days, weeks and months of one time zone, with its changes of the clock. */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const current = new Map<PeriodKind, Period>();
  /** The days that were asked for last: it takes long to find where one begins. */
  const days: { day: string; start: number; end: number }[] = [];

  /**
   * The first moment of a day, searched for: midnight is skipped in zones whose clock goes forward then. A day never comes
   * back once the next has begun, so the days are in order.
   */
  function startOf(day: string): Date {
    const midnight = Date.parse(`${day}T00:00:00Z`);
    let before = midnight - WIDEST_OFFSET_MS;
    let from = midnight + WIDEST_OFFSET_MS;
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      if (format.format(middle) >= day) from = middle;
      else before = middle;
    }
    return new Date(from);
  }

  function periodOf(kind: PeriodKind, at: Date): Period {
    const known = current.get(kind);
    if (known && at >= known.start && at < known.end) return known;
    const firstDay = firstDayOf(kind, format.format(at));
    const next = nextFirstDay(kind, firstDay);
    const period = { kind, firstDay, lastDay: addDays(next, -1), start: startOf(firstDay), end: startOf(next) };
    // The latest one is asked for with every call.
    if (!known || period.start > known.start) current.set(kind, period);
    return period;
  }

  return {
    timeZone,
    startOf,
    periodOf,
    dayOf(at) {
      const time = at.getTime();
      for (const known of days) if (time >= known.start && time < known.end) return known.day;
      const day = format.format(at);
      days.unshift({ day, start: startOf(day).getTime(), end: startOf(addDays(day, 1)).getTime() });
      days.splice(KNOWN_DAYS);
      return day;
    },
  };
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** A day of the calendar some days on (or back). */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function firstDayOf(kind: PeriodKind, day: string): string {
  if (kind === 'daily') return day;
  if (kind === 'monthly') return `${day.slice(0, 7)}-01`;
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 6) % 7));
}

function nextFirstDay(kind: PeriodKind, firstDay: string): string {
  if (kind === 'daily') return addDays(firstDay, 1);
  if (kind === 'weekly') return addDays(firstDay, 7);
  return `${addDays(firstDay, 31).slice(0, 7)}-01`;
}
