const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, coarsely: "Just now", "5 min ago", "3 h ago", "2 days ago". */
export function timeAgo(then: Date, now: Date): string {
  const passed = now.getTime() - then.getTime();
  if (passed < MINUTE) return 'Just now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  return days(Math.floor(passed / DAY), (count) => `${count} ago`);
}

/** When somebody was there last. Whoever looks is there now, whenever their session began. */
export function lastSeen(then: Date | null, now: Date, own: boolean): string {
  if (own) return 'Now';
  return then ? timeAgo(then, now) : 'Never';
}

/** How long until then: "in 6 days", "in 5 h", "in less than 1 h". */
export function timeUntil(then: Date, now: Date): string {
  const left = then.getTime() - now.getTime();
  if (left < HOUR) return 'in less than 1 h';
  if (left < DAY) return `in ${Math.floor(left / HOUR)} h`;
  return days(Math.round(left / DAY), (count) => `in ${count}`);
}

function days(count: number, sentence: (count: string) => string): string {
  return sentence(count === 1 ? '1 day' : `${count} days`);
}
