import type { WorkspaceStatus } from './workspace-status.ts';

export type StepState = 'done' | 'active' | 'waiting' | 'failed';
export type Step = { phase: string; label: string; state: StepState; milliseconds: number | null };

/** The phases of a first start in their order, in a teammate's words. */
const provisioning: readonly (readonly [phase: string, label: string])[] = [
  ['creating', 'Create the workspace'],
  ['configuring', 'Connect models and tools'],
  ['starting', 'Start Mastra'],
  ['verifying', 'Check that everything answers'],
];

/**
 * The steps of setting up a workspace, with their real times as far as they are known.
 * Other states have no fixed list of steps.
 * @param now milliseconds since 1970, of the server's clock
 */
export function stepsOf(status: WorkspaceStatus, now: number): Step[] {
  if (status.status !== 'provisioning') return [];
  const current = provisioning.findIndex(([phase]) => phase === status.phase);
  const failed = status.error != null;
  return provisioning.map(([phase, label], index) => {
    const state: StepState =
      status.phase === 'done' || index < current
        ? 'done'
        : index === current
          ? failed
            ? 'failed'
            : 'active'
          : 'waiting';
    return { phase, label, state, milliseconds: state === 'waiting' ? null : timeOf(status, phase, state, now) };
  });
}

function timeOf(status: WorkspaceStatus, phase: string, state: StepState, now: number): number | null {
  // A phase that was tried several times counts with its latest try.
  const step = status.steps?.findLast((candidate) => candidate.phase === phase);
  if (!step) return null;
  const end = step.endedAt ? Date.parse(step.endedAt) : state === 'active' ? now : Number.NaN;
  const time = end - Date.parse(step.startedAt);
  return Number.isFinite(time) ? Math.max(0, time) : null;
}
