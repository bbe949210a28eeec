import { formatDuration } from '../ui/duration.ts';
import type { WorkspaceStatus } from './workspace-status.ts';

/** What an admin needs to find out what is wrong; plain text, without anything secret. */
export function detailsText(status: WorkspaceStatus, email: string, now: number): string {
  const lines: [string, string | number | null | undefined][] = [
    ['Workspace of', email],
    ['Status', status.status],
    ['Phase', status.phase],
    ['Attempt', `${status.attempt}${status.maxAttempts ? ` of ${status.maxAttempts}` : ''}`],
    ['Since', `${status.startedAt} (${formatDuration(now - Date.parse(status.startedAt))})`],
    ['Code', status.error?.code],
    ['Message', status.error?.message],
    ['Next step', status.error?.next],
    ['Written', new Date(now).toISOString()],
  ];
  return lines
    .filter(([, value]) => value != null && value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** A letter to the admins with the details in it; opens in the person's own mail program. */
export function mailToAdmins(admins: readonly string[], details: string): string {
  const to = admins.map((address) => encodeURIComponent(address)).join(',');
  return `mailto:${to}?subject=${encodeURIComponent('My workspace needs help')}&body=${encodeURIComponent(details)}`;
}
