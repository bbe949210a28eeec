import { useStore } from 'zustand';
import { asks } from '../chat/message.ts';
import type { ChatState } from '../chat/state.ts';
import { useChatState, usePanel } from './chat-context.tsx';
import { Icon } from './icons.tsx';

type Badge = 'working' | 'question' | 'unread' | null;

function badgeOf(state: ChatState): Badge {
  if (asks(state.turn?.message ?? null)) return 'question';
  if (state.turn || state.sessions.some((session) => session.running)) return 'working';
  return state.unread ? 'unread' : null;
}

const WORDS = { working: 'working', question: 'has a question', unread: 'has news' };

/** The collapsed chat: a button at the edge, clear of Studio's composer and messages. */
export function Launcher() {
  const panel = usePanel();
  const side = useStore(panel.store, (placement) => placement.side);
  const badge = useChatState(badgeOf);
  return (
    <button
      type="button"
      className="launcher"
      data-side={side}
      aria-label={badge ? `Open chat: ${WORDS[badge]}` : 'Open chat'}
      title="Chat (Ctrl+.)"
      onClick={panel.open}
    >
      <Icon name="spark" size={20} />
      {badge && (
        <span className="badge" data-kind={badge}>
          {badge === 'working' && <Icon name="ring" size={12} />}
          {badge === 'question' && '?'}
        </span>
      )}
    </button>
  );
}
