import { StatusIcon } from '../status/status-icon.tsx';
import { formatStepDuration } from '../ui/duration.ts';
import type { Step } from './steps.ts';

const words: Record<Step['state'], string> = { done: 'done', active: 'under way', waiting: 'not yet' };

/** The real steps with their real times. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <ol aria-label="Steps" className="rounded-card border border-line bg-panel px-4 py-2">
      {steps.map((step) => (
        <li key={step.id} className="flex min-h-8 items-center gap-3">
          <StepMark state={step.state} />
          <span className={step.state === 'waiting' ? 'text-muted' : ''}>
            {step.label}
            <span className="sr-only">{`, ${words[step.state]}`}</span>
          </span>
          <span className="ml-auto text-meta text-muted tabular-nums">
            {step.milliseconds === null ? '' : formatStepDuration(step.milliseconds)}
          </span>
        </li>
      ))}
    </ol>
  );
}

function StepMark({ state }: { state: Step['state'] }) {
  if (state === 'done') return <StatusIcon kind="ready" className="text-ok" />;
  if (state === 'active') return <StatusIcon kind="provisioning" className="text-accent" />;
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false" className="size-4 shrink-0 text-control">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 3" />
    </svg>
  );
}
