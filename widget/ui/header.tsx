import { useChat, useChatState, usePanel } from './chat-context.tsx';
import { IconButton } from './button.tsx';
import { MoreMenu } from './more-menu.tsx';
import { SessionMenu } from './session-menu.tsx';
import { TierMenu } from './tier-menu.tsx';

export function Header() {
  const chat = useChat();
  const panel = usePanel();
  const view = useChatState((state) => state.view.name);
  return (
    <header className="header">
      {view === 'chat' ? (
        <SessionMenu />
      ) : (
        <>
          <IconButton
            icon="left"
            label="Back to the chat"
            className="back"
            onClick={() => chat.setView({ name: 'chat' })}
          />
          <h2 className="view-title">{view === 'history' ? 'History' : 'Apps'}</h2>
        </>
      )}
      <span className="spring" />
      <TierMenu />
      {view !== 'history' && (
        <IconButton
          icon="history"
          label="History"
          className="wide-only"
          onClick={() => chat.setView({ name: 'history', hash: null })}
        />
      )}
      <MoreMenu />
      <IconButton icon="collapse" label="Collapse (Ctrl+.)" className="collapse" onClick={panel.close} />
    </header>
  );
}
