import { waitUntil } from '../runtime/wait.ts';
import { excess, takeCensus, type Census } from './census.ts';
import { Broken } from './outcomes.ts';
import type { Run, Turn } from './run.ts';
import { listByKey, settle } from './settle.ts';
import { guarded } from './turns.ts';

/** Machines that no caller knows of: a spare of a template with a start command, and of one without. */
const ASIDE = 2;
/** What was killed is gone from the host within this time (ms). */
const SETTLE_MS = 20_000;

/** Looks at the whole, while no worker does anything: who is listed, and what the host has for them. @throws Broken */
export async function inspect(turn: Turn): Promise<Census> {
  const { run } = turn;
  for (const subject of [...run.subjects]) await guarded(turn, subject, () => settle(run, subject));
  await compareList(run);
  let census: Census | undefined;
  let problems: string[] = [];
  await waitUntil(
    async () => {
      await run.daemon.up();
      // The engine may be brought down in between.
      census = (await takeCensus(run.daemon.engine).catch(() => undefined)) ?? census;
      problems =
        census === undefined ? ['no figures'] : excess(census, run.subjects.length + run.abandoned.size, ASIDE);
      return problems.length === 0;
    },
    SETTLE_MS,
    500,
  );
  if (census === undefined || problems.length > 0) throw new Broken(`left on the host: ${problems.join('; ')}`);
  return census;
}

/** Exactly those that should exist are listed. */
export async function compareList(run: Run): Promise<void> {
  const listed = new Set((await listByKey(run)).map(({ sandboxId }) => sandboxId));
  const known = new Set(run.subjects.map(({ id }) => id));
  const missing = [...known].filter((id) => !listed.has(id));
  const strangers = [...listed].filter((id) => !known.has(id) && !run.abandoned.has(id));
  if (missing.length > 0) throw new Broken(`not listed: ${missing.join(', ')}`);
  if (strangers.length > 0) throw new Broken(`listed though nobody has them: ${strangers.join(', ')}`);
}
