import type { StatusKind } from '../status/status-language.ts';
import { formatDuration } from '../ui/duration.ts';
import type { WorkspaceStatus } from './workspace-status.ts';

const kinds: Record<WorkspaceStatus['status'], StatusKind> = {
  provisioning: 'provisioning',
  ready: 'ready',
  healing: 'healing',
  broken: 'broken',
  paused: 'provisioning',
};

/** The rungs of a repair, from the gentlest to the last. */
const repairs: Record<string, string> = {
  restart: 'Restarting Mastra. Your work is committed.',
  fix: 'Fixing what keeps Mastra from starting. Your work is committed.',
  rollback: 'Going back to the last version that worked. Your work is committed and stays in the history.',
};

export function kindOf(status: WorkspaceStatus): StatusKind {
  return queued(status) ? 'queued' : kinds[status.status];
}

export function headingOf(status: WorkspaceStatus): string {
  switch (status.status) {
    case 'provisioning':
      return queued(status) ? `Position ${status.position} in the queue` : 'Setting up your workspace';
    case 'ready':
      return 'Your workspace is ready';
    case 'healing':
      return 'Repairing your workspace';
    case 'broken':
      return 'Your workspace needs an admin';
    case 'paused':
      return 'Waking your workspace';
  }
}

type LeadFacts = { slow: boolean; elapsed: number; usualMilliseconds: number | null };

/** One sentence below the heading: what happens, how long it usually takes, what is kept. */
export function leadOf(status: WorkspaceStatus, { slow, elapsed, usualMilliseconds }: LeadFacts): string | null {
  const usual = usualMilliseconds === null ? '' : ` Usually ${formatDuration(Math.max(1_000, usualMilliseconds))}.`;
  switch (status.status) {
    case 'provisioning':
      if (slow) return `Still starting (${formatDuration(elapsed)}).${usual} You can close this tab.`;
      if (queued(status)) return 'Others are being set up first. Your place is kept.';
      if (status.lost)
        return `Your earlier machine was not found. If it does not turn up now, you get a new one.${usual}`;
      return `A private Linux machine with Mastra Studio.${usual}`;
    case 'paused':
      return slow
        ? `Still waking (${formatDuration(elapsed)}). You can close this tab.`
        : 'Your files are as you left them.';
    case 'healing':
      return repairs[status.phase ?? ''] ?? 'Finding out what is wrong. Your work is committed.';
    case 'ready':
      return 'Opening Studio.';
    case 'broken':
      return neverMade(status)
        ? `Setting it up was tried ${status.attempt} times. Admins see it on their team page.`
        : 'Automatic repair has stopped. Your files are kept.';
  }
}

/** Others come first. Who is next is as good as being set up, and who waits for another attempt is told about that. */
function queued(status: WorkspaceStatus): boolean {
  return status.status === 'provisioning' && status.phase === 'queued' && (status.position ?? 0) > 1 && !status.error;
}

/** Broken before it was ever ready: there are no files to speak of. */
function neverMade(status: WorkspaceStatus): boolean {
  return status.attempt > 0 && status.phase !== 'done';
}
