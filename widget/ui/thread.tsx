import { AssistantRuntimeProvider, ThreadPrimitive, useExternalStoreRuntime } from '@assistant-ui/react';
import type { ThreadMessageLike } from '@assistant-ui/react';
import { useMemo } from 'react';
import type { ChatMessage } from '../api/shapes.ts';
import { textOf } from '../chat/message.ts';
import { Answer } from './answer.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';
import { Suggestions } from './suggestions.tsx';
import { useJump } from './use-jump.ts';
import { UserMessage } from './user-message.tsx';

/** What assistant-ui has to know of a message; the message itself is drawn from our own state, by its id. */
function forRuntime(message: ChatMessage): ThreadMessageLike {
  return { id: message.id, role: message.role, content: [{ type: 'text', text: textOf(message) }] };
}

/**
 * The messages. assistant-ui keeps the place: a new prompt goes to the top, nothing scrolls by itself afterwards. The
 * chat's state stays ours, since a turn goes on without this page.
 */
export function Thread() {
  const chat = useChat();
  const past = useChatState((state) => state.messages);
  const growing = useChatState((state) => state.turn?.message ?? null);
  const loading = useChatState((state) => state.loading);
  const fromEnd = useChatState((state) => state.fromEnd);
  const messages = useMemo(() => (growing ? [...past, growing] : past), [past, growing]);
  const { viewport, away, jump } = useJump(messages);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const runtime = useExternalStoreRuntime<ChatMessage>({
    messages,
    isRunning: growing !== null,
    isLoading: loading,
    convertMessage: forRuntime,
    onNew: async () => chat.submit(),
    onCancel: chat.stop,
  });
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <ThreadPrimitive.Root className="thread">
        <ThreadPrimitive.Viewport
          className="viewport"
          ref={viewport}
          turnAnchor="top"
          scrollToBottomOnInitialize={fromEnd}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label="Conversation"
        >
          {messages.length === 0 && (loading ? <Skeleton /> : <Suggestions />)}
          <ThreadPrimitive.Messages>
            {({ message }) => {
              const own = byId.get(message.id);
              if (!own) return null;
              return own.role === 'user' ? (
                <UserMessage message={own} />
              ) : (
                <Answer message={own} running={own === growing} />
              );
            }}
          </ThreadPrimitive.Messages>
        </ThreadPrimitive.Viewport>
        {away && (
          <button type="button" className="jump" onClick={jump}>
            <Icon name="down" size={12} />
            Jump to latest
          </button>
        )}
      </ThreadPrimitive.Root>
    </AssistantRuntimeProvider>
  );
}

function Skeleton() {
  return (
    <div className="skeleton" aria-label="Loading the chat">
      <span className="bone right" />
      <span className="bone" />
      <span className="bone short" />
    </div>
  );
}
