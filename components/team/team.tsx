'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, type SyntheticEvent } from 'react';

import { InvitationList } from './invitation-list.tsx';
import { InviteForm } from './invite-form.tsx';
import { MemberTable } from './member-table.tsx';
import { OutcomeNotice } from './outcome-notice.tsx';
import type { InvitationRow, MemberRow } from './team-data.ts';
import { useChange } from './use-change.ts';

/** Often enough to see a workspace get ready, seldom enough to cost nothing. */
const REFRESH_MILLISECONDS = 10_000;

export function Team({
  members,
  invitations,
}: {
  members: readonly MemberRow[];
  invitations: readonly InvitationRow[];
}) {
  const { change, outcome, close, busy } = useChange();
  const onChange = (next: Parameters<typeof change>[0]) => void change(next);
  const list = useRef<HTMLElement>(null);
  const notice = useRef<HTMLDivElement>(null);
  const row = useRef<Element>(null);
  // Not told by the focus: some browsers give a button none when it is clicked.
  const onUse = ({ target }: SyntheticEvent) => {
    if (target instanceof Element) row.current = target.closest('tr, li') ?? row.current;
  };
  // Its buttons are gone with the notice: the focus goes to the list, not back to the page's start.
  const leave = () => {
    if (notice.current?.contains(document.activeElement)) list.current?.focus({ preventScroll: true });
  };
  useRefresh();
  return (
    <div className="space-y-8" onClickCapture={onUse} onChangeCapture={onUse}>
      <h1 className="text-title font-semibold">Team</h1>
      <section aria-labelledby="invite" className="space-y-3">
        <h2 id="invite" className="font-semibold">
          Invite somebody
        </h2>
        <InviteForm />
      </section>
      <section ref={list} tabIndex={-1} aria-labelledby="members" className="space-y-1">
        <h2 id="members" className="font-semibold">
          {`Members (${members.length})`}
        </h2>
        <MemberTable members={members} busy={busy} onChange={onChange} />
      </section>
      <section aria-labelledby="invitations" className="space-y-2">
        <h2 id="invitations" className="font-semibold">
          Open invitations
        </h2>
        <InvitationList invitations={invitations} busy={busy} onChange={onChange} />
      </section>
      {outcome ? (
        <OutcomeNotice
          outcome={outcome}
          ref={notice}
          row={row}
          onUndo={(undo) => {
            leave();
            onChange(undo);
          }}
          onClose={() => {
            leave();
            close();
          }}
        />
      ) : null}
    </div>
  );
}

function useRefresh() {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') router.refresh();
    }, REFRESH_MILLISECONDS);
    return () => clearInterval(timer);
  }, [router]);
}
