import type { Metadata } from 'next';

import { MessagePage } from '../../components/messages/message-page.tsx';
import { SwitchAccount } from '../../components/messages/switch-account.tsx';

export const metadata: Metadata = { title: 'Account disabled' };

export default function Disabled() {
  return (
    <MessagePage kind="disabled" title="Your account is disabled" actions={<SwitchAccount look="primary" />}>
      <p>An admin of your team has disabled it. You cannot sign in, and your workspace cannot use any model.</p>
      <p>Your files are kept. Ask an admin to enable the account again.</p>
    </MessagePage>
  );
}
