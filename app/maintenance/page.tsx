import type { Metadata } from 'next';

import { MessagePage } from '../../components/messages/message-page.tsx';
import { buttonClass } from '../../components/ui/button.tsx';

export const metadata: Metadata = { title: 'Maintenance' };

export default function Maintenance() {
  return (
    <MessagePage
      kind="updating"
      title="Shmastra Cloud is being worked on"
      actions={
        <a href="/" className={buttonClass('primary')}>
          Try again
        </a>
      }
    >
      <p>An admin has closed the doors for a moment. Your files and your history are kept.</p>
      <p>Your workspace opens again when the work is done.</p>
    </MessagePage>
  );
}
