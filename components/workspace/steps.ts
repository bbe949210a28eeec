import type { WorkspaceStatus } from './workspace-status.ts';

export type Step = {
  id: string;
  label: string;
  state: 'done' | 'active' | 'waiting';
  milliseconds: number | null;
};

/** The phases of a first start, in a teammate's words. Waiting for one's turn is no step: the heading tells of it. */
const labels: Record<string, string> = {
  creating: 'Create the workspace',
  configuring: 'Connect models and tools',
  starting: 'Start Mastra',
  verifying: 'Check that everything answers',
};

/**
 * The steps of setting up a workspace, with their real times as far as they are known. Other states have no steps.
 * @param now milliseconds since 1970, of the server's clock
 */
export function stepsOf(status: WorkspaceStatus, now: number): Step[] {
  if (status.status !== 'provisioning') return [];
  const steps = status.steps ?? [];
  return steps.flatMap((step, index) => {
    const label = labels[step.id];
    if (!label) return [];
    // A step ends when the next one begins.
    const end = step.state === 'active' ? now : Date.parse(steps[index + 1]?.startedAt ?? '');
    const time = end - Date.parse(step.startedAt ?? '');
    const known = step.state !== 'waiting' && Number.isFinite(time);
    return [{ id: step.id, label, state: step.state, milliseconds: known ? Math.max(0, time) : null }];
  });
}
