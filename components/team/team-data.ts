import type { StatusKind } from '../status/status-language.ts';

/** A row of the team table, made for showing: times are words already, so that server and browser agree on them. */
export type MemberRow = {
  id: string;
  email: string;
  name: string;
  role: 'member' | 'admin';
  own: boolean;
  disabled: boolean;
  lastSeen: string;
  status: StatusKind | null;
  /** Why a broken sandbox is broken. */
  reason: string | null;
  canRetry: boolean;
};

export type InvitationRow = {
  id: string;
  email: string | null;
  role: 'member' | 'admin';
  expires: string;
  invitedBy: string;
};
