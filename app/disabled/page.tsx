import type { Metadata } from 'next';

import { MessagePage } from '../../components/messages/message-page.tsx';
import { TrySigningIn } from '../../components/messages/try-signing-in.tsx';
import { sendViewerOn } from '../_server/viewer.ts';

export const metadata: Metadata = { title: 'Account disabled' };

export default async function Disabled() {
  await sendViewerOn();
  return (
    <MessagePage kind="disabled" title="Your account is disabled" actions={<TrySigningIn />}>
      <p>An admin of your team has disabled it. You cannot sign in, and your workspace cannot use any model.</p>
      <p>Your files are kept. Ask an admin to enable the account again, and sign in then.</p>
    </MessagePage>
  );
}
