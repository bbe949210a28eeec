import type { Selectable, UpdateObject } from 'kysely';
import type { DB, Sandboxes } from '../db/schema.ts';

export type SandboxRow = Selectable<Sandboxes>;
/** Columns to write, as values or SQL expressions. */
export type SandboxChange = UpdateObject<DB, 'sandboxes', 'sandboxes'>;
export type SandboxStatus = SandboxRow['status'];
export type SandboxPhase = SandboxRow['phase'];

/** Which status may follow which. A deletion is possible from any of them and leaves no status. */
const FOLLOWERS: Record<SandboxStatus, readonly SandboxStatus[]> = {
  provisioning: ['ready', 'broken'],
  // `provisioning`: the engine lost it, or it is reset.
  ready: ['paused', 'healing', 'provisioning'],
  paused: ['ready', 'healing', 'provisioning'],
  healing: ['ready', 'broken', 'provisioning'],
  broken: ['ready', 'healing', 'paused', 'provisioning'],
};

export const STATUSES = Object.keys(FOLLOWERS) as SandboxStatus[];

/** The real steps of provisioning, in their order. */
export const PHASES = ['queued', 'creating', 'configuring', 'starting', 'verifying'] as const satisfies SandboxPhase[];

export function canBecome(from: SandboxStatus, to: SandboxStatus): boolean {
  return FOLLOWERS[from].includes(to);
}
