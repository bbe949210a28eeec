import { Popover } from '@base-ui/react/popover';
import { useState } from 'react';
import type { Session } from '../api/shapes.ts';
import { ago } from '../chat/time.ts';
import { useChat, useChatState, useNow, usePortal } from './chat-context.tsx';
import { IconButton } from './button.tsx';
import { Icon } from './icons.tsx';

/** The conversations: open, new, rename, delete. */
export function SessionMenu() {
  const chat = useChat();
  const portal = usePortal();
  const [open, setOpen] = useState(false);
  const all = useChatState((state) => state.sessions);
  const deleting = useChatState((state) => state.deleting);
  const sessionId = useChatState((state) => state.sessionId);
  const sessions = all.filter((session) => !deleting.has(session.id));
  const title = sessions.find((session) => session.id === sessionId)?.title || (sessionId ? 'Untitled' : 'New chat');
  const pick = (id: string | null): void => {
    setOpen(false);
    if (id !== sessionId || id === null) void chat.openSession(id);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="session-trigger">
        <span className="session-name">{title}</span>
        <Icon name="down" size={12} />
      </Popover.Trigger>
      <Popover.Portal container={portal}>
        <Popover.Positioner className="positioner" side="bottom" align="start" sideOffset={4} collisionPadding={8}>
          <Popover.Popup className="popup sessions" aria-label="Chats">
            <button type="button" className="row new" onClick={() => pick(null)}>
              <Icon name="plus" />
              New chat
            </button>
            {sessions.length === 0 && <p className="empty-line">Your chats appear here.</p>}
            <ul className="session-list">
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} current={session.id === sessionId} onPick={pick} />
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function SessionRow({
  session,
  current,
  onPick,
}: {
  session: Session;
  current: boolean;
  onPick: (id: string) => void;
}) {
  const chat = useChat();
  const now = useNow(true, 60_000);
  const [name, setName] = useState<string | null>(null);
  if (name !== null) {
    const save = (): void => {
      setName(null);
      void chat.renameSession(session.id, name);
    };
    return (
      <li>
        <input
          className="input rename"
          aria-label="Name of the chat"
          value={name}
          maxLength={120}
          ref={(input) => input?.focus()}
          onChange={(event) => setName(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter') save();
            if (event.key === 'Escape') setName(null);
          }}
        />
      </li>
    );
  }
  const title = session.title || 'Untitled';
  return (
    <li className="session-row" data-current={current || undefined}>
      <button type="button" className="row" aria-current={current || undefined} onClick={() => onPick(session.id)}>
        <span className="session-name">{title}</span>
        {session.running ? (
          <span className="running">
            <Icon name="ring" size={12} /> Working
          </span>
        ) : (
          <span className="meta">{ago(new Date(session.updatedAt), new Date(now))}</span>
        )}
      </button>
      <IconButton icon="edit" label={`Rename ${title}`} onClick={() => setName(session.title)} />
      <IconButton icon="trash" label={`Delete ${title}`} onClick={() => chat.deleteSession(session.id)} />
    </li>
  );
}
