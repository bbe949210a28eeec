import { Menu } from '@base-ui/react/menu';
import { useRef, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { notificationState, setNotifications } from '../page/notifications.ts';
import { signOut } from '../page/sign-out.ts';
import { useChat, useChatState, usePanel, usePortal } from './chat-context.tsx';
import { Icon, type IconName } from './icons.tsx';
import { DemoWords, TierChoice } from './tier-menu.tsx';

function Item({ icon, children, onClick }: { icon: IconName; children: ReactNode; onClick: () => void }) {
  return (
    <Menu.Item className="item" onClick={onClick}>
      <span className="item-mark">
        <Icon name={icon} />
      </span>
      <span className="item-text">{children}</span>
    </Menu.Item>
  );
}

export function MoreMenu() {
  const chat = useChat();
  const panel = usePanel();
  const portal = usePortal();
  const side = useStore(panel.store, (placement) => placement.side);
  const demo = useChatState((state) => state.info?.demo === true);
  const admin = useChatState((state) => state.admin === true);
  const picker = useRef<HTMLInputElement>(null);
  const viewBefore = useRef('');
  const viewNow = (): string => chat.store.getState().view.name;
  const notifications = notificationState();
  return (
    <>
      <Menu.Root
        onOpenChange={(open) => {
          if (open) viewBefore.current = viewNow();
        }}
      >
        <Menu.Trigger className="icon-button" aria-label="More" title="More">
          <Icon name="more" />
        </Menu.Trigger>
        <Menu.Portal container={portal}>
          <Menu.Positioner className="positioner" side="bottom" align="end" sideOffset={4} collisionPadding={8}>
            {/* A view that was opened by an entry has the focus already. */}
            <Menu.Popup className="popup menu" finalFocus={() => viewNow() === viewBefore.current}>
              <div className="narrow-only">
                {demo && <DemoWords />}
                <TierChoice />
                <Menu.Separator className="separator" />
                <Item icon="history" onClick={() => chat.setView({ name: 'history', hash: null })}>
                  History
                </Item>
              </div>
              <Item icon="apps" onClick={() => chat.setView({ name: 'apps' })}>
                Apps
              </Item>
              <Menu.Separator className="separator" />
              <Item icon="download" onClick={() => void chat.exportProject('zip')}>
                Export as zip
              </Item>
              <Item icon="download" onClick={() => void chat.exportProject('bundle')}>
                Export as git bundle
              </Item>
              <Item icon="upload" onClick={() => picker.current?.click()}>
                Import a project
              </Item>
              <Menu.Separator className="separator" />
              {notifications !== 'unsupported' && (
                <Item icon="bell" onClick={() => void setNotifications(notifications !== 'on')}>
                  {notifications === 'on' ? 'Do not notify me' : 'Notify me when a long turn ends'}
                </Item>
              )}
              <div className="wide-only">
                <Item icon="side" onClick={panel.switchSide}>
                  {side === 'right' ? 'Move to the left' : 'Move to the right'}
                </Item>
              </div>
              <Item icon="external" onClick={() => window.open('/help/publish', '_blank', 'noopener')}>
                How to publish
              </Item>
              <Menu.Separator className="separator" />
              <Item icon="gauge" onClick={() => location.assign('/usage')}>
                Usage
              </Item>
              {admin && (
                <Item icon="people" onClick={() => location.assign('/team')}>
                  Team
                </Item>
              )}
              <Item icon="person" onClick={() => location.assign('/account')}>
                Account
              </Item>
              <Item icon="leave" onClick={signOut}>
                Sign out
              </Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <input
        ref={picker}
        type="file"
        hidden
        accept=".zip,.bundle"
        aria-label="Project to import"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void chat.importProject(file.name.endsWith('.bundle') ? 'bundle' : 'zip', file);
        }}
      />
    </>
  );
}
