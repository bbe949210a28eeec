import type { Metadata } from 'next';

import { MessagePage } from '../../components/messages/message-page.tsx';
import { SwitchAccount } from '../../components/messages/switch-account.tsx';

export const metadata: Metadata = { title: 'Not a member' };

export default function NotAMember() {
  return (
    <MessagePage kind="disabled" title="You are not a member of this team" actions={<SwitchAccount look="primary" />}>
      <p>You are signed in, but nobody has invited this account.</p>
      <p>Ask an admin of the team for an invitation link for this e-mail address.</p>
    </MessagePage>
  );
}
