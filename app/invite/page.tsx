import type { Metadata } from 'next';

import { AuthForm } from '../../components/auth/auth-form.tsx';
import { NewAccountFields } from '../../components/auth/new-account-fields.tsx';
import { plainFormError } from '../../components/auth/plain-form-errors.ts';
import { SignedInAs } from '../../components/auth/signed-in-as.tsx';
import { MessagePage } from '../../components/messages/message-page.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { ForgetQuery } from '../../components/ui/forget-query.tsx';
import { Prefetch } from '../../components/ui/prefetch.tsx';
import { Shell } from '../../components/ui/shell.tsx';
import { invitationEnd, type InvitationEnd } from '../../lib/auth/invitation-end.ts';
import { findInvitation } from '../../lib/auth/invitations.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { getContext } from '../_server/context.ts';
import { searchValue, type SearchParams } from '../_server/search.ts';
import { studioEntryFiles } from '../_server/studio-files.ts';
import { findViewer } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Invitation' };

const forgotten = ['token', 'error'];

export default async function Invite({ searchParams }: { searchParams: SearchParams }) {
  const token = (await searchValue(searchParams, 'token')) ?? '';
  const context = getContext();
  const invitation = await findInvitation(context, token).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null;
    throw error;
  });
  if (!invitation) return <CannotAccept end={await invitationEnd(context, token)} />;
  const viewer = await findViewer();
  return (
    <Shell width="narrow">
      <div className="space-y-6">
        <div className="space-y-1">
          <h1 className="text-title font-semibold">Join your team</h1>
          <p className="text-muted">
            {invitation.role === 'admin'
              ? 'You get your own workspace for building AI agents, and look after the team as an admin.'
              : 'You get your own workspace for building AI agents.'}
          </p>
        </div>
        {viewer ? (
          <SignedInAs email={viewer.email}>
            {invitation.email ? (
              <>
                This link is for <bdi>{invitation.email}</bdi>: accepting it here signs you out and them in.
              </>
            ) : (
              'This link makes another account: accepting it here signs you out of yours.'
            )}
          </SignedInAs>
        ) : null}
        <AuthForm
          action="/api/auth/accept-invitation"
          submit="Create account"
          busy="Creating…"
          initialError={plainFormError(await searchValue(searchParams, 'error'))}
        >
          <input type="hidden" name="token" value={token} />
          <NewAccountFields email={invitation.email} autoFocus={viewer === null} />
        </AuthForm>
        {viewer ? null : (
          <p className="text-meta text-muted">
            Have an account already?{' '}
            <a href="/sign-in" className="underline underline-offset-2 hover:text-text">
              Sign in
            </a>
          </p>
        )}
      </div>
      <ForgetQuery names={forgotten} />
      <Prefetch files={await studioEntryFiles()} />
    </Shell>
  );
}

const ends: Record<InvitationEnd, { title: string; text: string; next: string }> = {
  used: {
    title: 'This invitation has been used',
    text: 'Each link makes one account.',
    next: 'If it was you, sign in. If not, ask an admin of the team for a new link.',
  },
  joined: {
    title: 'You have an account already',
    text: 'This invitation is for an address with which somebody has joined the team.',
    next: 'If it was you, sign in. If not, ask an admin of the team.',
  },
  revoked: {
    title: 'This invitation was revoked',
    text: 'An admin has taken it back, or a newer one has taken its place.',
    next: 'Use the newest link that you got, or ask an admin of the team.',
  },
  expired: {
    title: 'This invitation has expired',
    text: 'Links work for seven days.',
    next: 'Ask an admin of the team for a new one.',
  },
  unknown: {
    title: 'This invitation link does not work',
    text: 'It may have been cut off on its way, or opened before: the address is cleared once the page has been read.',
    next: 'Open the link from your message once more, in full, or ask an admin of the team for a new one.',
  },
};

function CannotAccept({ end }: { end: InvitationEnd }) {
  const { title, text, next } = ends[end];
  return (
    <MessagePage
      kind="invited"
      title={title}
      actions={
        <a href="/sign-in" className={buttonClass('primary')}>
          Sign in
        </a>
      }
    >
      <p>{text}</p>
      <p>{next}</p>
    </MessagePage>
  );
}
