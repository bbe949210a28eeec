import type { Outcome } from './run-task.ts';
import type { Task } from './task.ts';

/** After a sabotage a task has done well when the check that has to notice it did. */
export function judgeSabotage({ sabotage }: Task, outcome: Outcome): Outcome {
  const caughtBy = sabotage?.caughtBy ?? '';
  const caught = outcome.failedChecks.some(({ check }) => check === caughtBy);
  const spoilt = outcome.failedChecks.filter(({ check }) => check === 'sabotage' || check === 'set-up');
  const missed = caught ? [] : [{ check: caughtBy, found: 'it did not notice the sabotage' }];
  const failedChecks = [...spoilt, ...missed];
  return { ...outcome, ok: failedChecks.length === 0, failedChecks };
}
