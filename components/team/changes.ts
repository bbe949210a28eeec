import type { InvitationRow, MemberRow } from './team-data.ts';
import type { Change } from './use-change.ts';

/** The changes an admin can make, each with its consequence in words and, where there is one, the way back. */
export function disable({ id, email }: Pick<MemberRow, 'id' | 'email'>): Change {
  return {
    method: 'PATCH',
    path: `/api/team/members/${id}`,
    body: { disabled: true },
    done: `${email} is disabled: signed out everywhere, and the workspace cannot use models. Files are kept.`,
    undo: enable({ id, email }),
  };
}

export function enable({ id, email }: Pick<MemberRow, 'id' | 'email'>): Change {
  return {
    method: 'PATCH',
    path: `/api/team/members/${id}`,
    body: { disabled: false },
    done: `${email} is enabled and can sign in again.`,
  };
}

export function setRole({ id, email, role }: Pick<MemberRow, 'id' | 'email' | 'role'>, to: MemberRow['role']): Change {
  const change = (value: MemberRow['role']): Change => ({
    method: 'PATCH',
    path: `/api/team/members/${id}`,
    body: { role: value },
    done:
      value === 'admin'
        ? `${email} is an admin now and can invite and disable people.`
        : `${email} is a member now and no longer looks after the team. The invitations they made have ended.`,
  });
  return { ...change(to), undo: change(role) };
}

export function passwordLink({ id, email }: Pick<MemberRow, 'id' | 'email'>): Change {
  return {
    method: 'POST',
    path: `/api/team/members/${id}/password-link`,
    done: 'Send this link yourself, to them alone. It sets a new password once, works for a day and is shown only now.',
    link: { title: `New password for ${email}`, label: 'Password link' },
  };
}

export function retry({ id, email }: Pick<MemberRow, 'id' | 'email'>): Change {
  return {
    method: 'POST',
    path: `/api/team/members/${id}/retry`,
    done: `The sandbox of ${email} is being set up again.`,
  };
}

export function revoke({ id, email }: InvitationRow): Change {
  return {
    method: 'DELETE',
    path: `/api/team/invitations/${id}`,
    done: `The invitation${email ? ` for ${email}` : ''} is revoked. Its link no longer works.`,
  };
}
