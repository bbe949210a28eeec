import type { Metadata } from 'next';

import { lastSeen, timeUntil } from '../../components/team/relative-time.ts';
import { Team } from '../../components/team/team.tsx';
import type { MemberRow } from '../../components/team/team-data.ts';
import { Shell } from '../../components/ui/shell.tsx';
import { listInvitations } from '../../lib/auth/invitations.ts';
import { listTeam, type Teammate } from '../../lib/auth/team.ts';
import { getContext } from '../_server/context.ts';
import { requireAdmin } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Team' };

export default async function TeamPage() {
  const viewer = await requireAdmin('/team');
  const context = getContext();
  const now = context.now();
  const [team, invitations] = await Promise.all([listTeam(context), listInvitations(context)]);
  return (
    <Shell width="wide" at="/team" viewer={{ email: viewer.email, role: viewer.role }}>
      <Team
        members={team.map((teammate) => toRow(teammate, viewer.userId, now))}
        invitations={invitations.map(({ id, email, role, expiresAt, invitedBy }) => ({
          id,
          email,
          role,
          expires: timeUntil(expiresAt, now),
          invitedBy,
        }))}
      />
    </Shell>
  );
}

function toRow(
  { id, email, name, role, disabledAt, lastSeenAt, sandbox }: Teammate,
  viewerId: string,
  now: Date,
): MemberRow {
  const own = id === viewerId;
  return {
    id,
    email,
    name,
    role,
    own,
    disabled: disabledAt !== null,
    lastSeen: lastSeen(lastSeenAt, now, own),
    status: sandbox?.status ?? null,
    reason: sandbox?.status === 'broken' ? sandbox.errorMessage : null,
    canRetry: sandbox?.neverMade === true,
  };
}
