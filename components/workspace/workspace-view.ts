import type { StatusKind } from '../status/status-language.ts';
import { formatDuration } from '../ui/duration.ts';
import { headingOf, kindOf, leadOf } from './headings.ts';
import { stepsOf, type Step } from './steps.ts';
import type { WorkspaceStatus } from './workspace-status.ts';

/** How long a wake stays silent: most are over by then. */
const SILENT_WAKE_MILLISECONDS = 300;
const SLOW_MILLISECONDS = 10_000;
const VERY_SLOW_MILLISECONDS = 60_000;
const DEFAULT_MAX_ATTEMPTS = 5;

export type ViewInput = {
  status: WorkspaceStatus;
  /** Milliseconds since 1970 of the server's clock. */
  now: number;
  /** When this page began to wait, same clock: a sleeping workspace began to sleep long before. */
  waitingSince: number;
  /** Whether the status stream is there; without it the page polls. */
  connected: boolean;
  hidden: boolean;
  /** Measured median of this deployment, null while there are too few to tell. */
  usualMilliseconds: number | null;
};

export type Problem = { code: string; message: string; next: string | null };

export type WorkspaceView = {
  /** Nothing is shown yet but the frame of the page. */
  silent: boolean;
  kind: StatusKind;
  heading: string;
  documentTitle: string;
  lead: string | null;
  steps: Step[];
  elapsed: string | null;
  /** "Attempt 2 of 5 starts in 4 s." */
  retry: string | null;
  problem: Problem | null;
  /** Over ten seconds: the usual duration, "Notify me", and that the tab may be closed. */
  slow: boolean;
  /** Over sixty seconds, or broken: details to copy and an admin to write to. */
  needsHelp: boolean;
  stale: boolean;
  shouldWake: boolean;
  shouldOpen: boolean;
};

/** All that the page shows and does, as a function of what is known. */
export function workspaceView(input: ViewInput): WorkspaceView {
  const { status, now, connected, hidden } = input;
  const waiting = status.status !== 'ready' && status.status !== 'broken';
  const began = status.status === 'paused' ? input.waitingSince : Date.parse(status.startedAt);
  const elapsed = Math.max(0, now - (Number.isFinite(began) ? began : input.waitingSince));
  const heading = headingOf(status);
  const slow = waiting && elapsed >= SLOW_MILLISECONDS;
  const lead = leadOf(status, { slow, elapsed, usualMilliseconds: input.usualMilliseconds });
  const elapsedText = formatDuration(elapsed);
  return {
    silent: status.status === 'paused' && elapsed < SILENT_WAKE_MILLISECONDS,
    kind: kindOf(status),
    heading,
    documentTitle: status.status === 'ready' ? 'Ready' : heading,
    lead,
    steps: stepsOf(status, now),
    // Once is enough: the sentence names it when it takes long.
    elapsed: waiting && !lead?.includes(elapsedText) ? elapsedText : null,
    retry: retryOf(status, now),
    problem: problemOf(status),
    slow,
    needsHelp: status.status === 'broken' || (waiting && elapsed >= VERY_SLOW_MILLISECONDS),
    stale: !connected && status.status !== 'ready',
    // Waking takes a person's click or visit: a tab that nobody looks at waits until somebody does.
    shouldWake: status.status === 'paused' && !hidden,
    shouldOpen: status.status === 'ready' && !hidden,
  };
}

function retryOf(status: WorkspaceStatus, now: number): string | null {
  if (status.status !== 'provisioning' || !status.error) return null;
  const of = status.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
  const next = Math.min(of, status.attempt + 1);
  const at = status.nextAttemptAt ? Date.parse(status.nextAttemptAt) : Number.NaN;
  const seconds = Math.ceil((at - now) / 1_000);
  return seconds > 0
    ? `Attempt ${next} of ${of} starts in ${formatDuration(seconds * 1_000)}.`
    : `Attempt ${next} of ${of} is starting.`;
}

function problemOf(status: WorkspaceStatus): Problem | null {
  if (!status.error || status.status === 'ready' || status.status === 'paused') return null;
  const { code, message, next } = status.error;
  return { code, message, next: next ?? null };
}
