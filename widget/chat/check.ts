import type { Check } from '../api/parts.ts';

type Stage = Check['stages'][number];
/** `stopped`: the turn ended before the stage did. */
export type ShownStage = Omit<Stage, 'state'> & { state: Stage['state'] | 'stopped' };

/** The stages as they are shown: once the turn has ended, none of them runs, whatever was said of it last. */
export function shownStages({ stages }: Check, turnRuns: boolean): ShownStage[] {
  return stages.map((stage) => (stage.state === 'running' && !turnRuns ? { ...stage, state: 'stopped' } : stage));
}

/** Whether the check has failed; one that was cut off has not, unless a stage did before. */
export function checkFailed(check: Check, stages: readonly ShownStage[]): boolean {
  if (check.ok || stages.some((stage) => stage.state === 'running')) return false;
  return stages.some((stage) => stage.state === 'failed') || !stages.some((stage) => stage.state === 'stopped');
}
