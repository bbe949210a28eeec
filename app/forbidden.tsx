import { MessagePage } from '../components/messages/message-page.tsx';
import { SwitchAccount } from '../components/messages/switch-account.tsx';
import { buttonClass } from '../components/ui/button.tsx';
import { findViewer } from './_server/viewer.ts';

/** Answered with status 403. */
export default async function Forbidden() {
  const viewer = await findViewer();
  return (
    <MessagePage
      kind="disabled"
      title="This page is for admins"
      viewer={viewer ? { email: viewer.email, role: viewer.role } : undefined}
      actions={
        <>
          <a href="/workspace" className={buttonClass('primary')}>
            Open your workspace
          </a>
          <SwitchAccount />
        </>
      }
    >
      <p>Admins invite people and look after the team. Ask one of them to do it for you or to make you an admin.</p>
    </MessagePage>
  );
}
