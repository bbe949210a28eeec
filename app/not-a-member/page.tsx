import type { Metadata } from 'next';

import { MessagePage } from '../../components/messages/message-page.tsx';
import { TrySigningIn } from '../../components/messages/try-signing-in.tsx';
import { sendViewerOn } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Not a member' };

export default async function NotAMember() {
  await sendViewerOn();
  return (
    <MessagePage kind="disabled" title="You are not a member of this team" actions={<TrySigningIn />}>
      <p>Nobody has invited this account, so it has no workspace here.</p>
      <p>Ask an admin of the team for an invitation link for this e-mail address.</p>
    </MessagePage>
  );
}
