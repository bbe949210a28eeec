import type { Log } from '../../log.ts';
import { type UsageEvent, withoutDetails } from './event.ts';
import { writeApart } from './write-apart.ts';

/**
 * Writes events, and lets none that Postgres cannot hold keep out the others. Such a one is written without its details:
 * what it cost stays charged to its user's budgets, which needs the row, since the days and the periods are summed from
 * rows. One that cannot be written even so has a time or a user that only a bug can make; it is set aside with a line in
 * the log, and never becomes cheaper by that while this process lives: its hold stays on the lease.
 * @param write in one transaction
 * @returns ids that were set aside
 */
export async function writeOrSetAside(
  log: Log,
  events: readonly UsageEvent[],
  write: (events: readonly UsageEvent[]) => Promise<void>,
): Promise<string[]> {
  const setAside: string[] = [];
  await writeApart(events, write, async (event, error) => {
    log.error({ event: event.id, code: codeOf(error) }, 'Postgres cannot hold a call as it is; it is written in short');
    await writeApart([withoutDetails(event)], write, ({ id }, again) => {
      log.error({ event: id, code: codeOf(again) }, 'a call was left out of the books');
      setAside.push(id);
    });
  });
  return setAside;
}

/** The code alone: the text of the error quotes the row. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
