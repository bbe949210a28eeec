import type { Metadata } from 'next';

import { MessagePage } from '../components/messages/message-page.tsx';
import { buttonClass } from '../components/ui/button.tsx';

export const metadata: Metadata = { title: 'Page not found' };

export default function NotFound() {
  return (
    <MessagePage
      title="There is no such page"
      actions={
        <a href="/workspace" className={buttonClass('primary')}>
          Open your workspace
        </a>
      }
    >
      <p>The address is wrong, or what was here has moved. Nothing in your workspace has changed.</p>
    </MessagePage>
  );
}
