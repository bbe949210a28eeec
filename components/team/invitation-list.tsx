'use client';

import { useEffect, useRef } from 'react';

import { Status } from '../status/status.tsx';
import { Button } from '../ui/button.tsx';
import { revoke } from './changes.ts';
import type { InvitationRow } from './team-data.ts';
import type { Change } from './use-change.ts';

type InvitationListProps = { invitations: readonly InvitationRow[]; busy: boolean; onChange: (change: Change) => void };

/** The links that still work. Revoking one takes its button away: the focus goes to the list, not back to the page's start. */
export function InvitationList({ invitations, busy, onChange }: InvitationListProps) {
  const region = useRef<HTMLDivElement>(null);
  const revoked = useRef<string | null>(null);
  useEffect(() => {
    if (revoked.current === null || invitations.some(({ id }) => id === revoked.current)) return;
    revoked.current = null;
    if (document.activeElement === document.body) region.current?.focus();
  }, [invitations]);
  return (
    <div ref={region} tabIndex={-1}>
      {invitations.length === 0 ? (
        <p className="text-muted">None is open. Links that you create above are listed here until they are used.</p>
      ) : (
        <ul className="divide-y divide-line border-y border-line text-table">
          {invitations.map((invitation) => (
            <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
              <Status kind="invited" word={invitation.role === 'admin' ? 'Invited as admin' : 'Invited'} />
              <span className="min-w-0 flex-1 basis-48 font-medium wrap-anywhere">
                <bdi>{invitation.email ?? 'Anybody with the link'}</bdi>
              </span>
              <span className="text-muted">{`by ${invitation.invitedBy}, expires ${invitation.expires}`}</span>
              <Button
                look="quiet"
                aria-disabled={busy}
                onClick={() => {
                  revoked.current = invitation.id;
                  onChange(revoke(invitation));
                }}
                className="max-sm:ml-auto"
              >
                Revoke
                <span className="sr-only">{invitation.email}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
