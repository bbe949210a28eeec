import { useState } from 'react';
import type { QueuedMessage } from '../chat/queue.ts';
import { Button, IconButton } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';
import { useGrowing } from './use-growing.ts';

/** Messages that wait: seen, edited, removed. */
export function Queue() {
  const chat = useChat();
  const queue = useChatState((state) => state.queue);
  const held = useChatState((state) => state.queueHeld && state.turn === null);
  if (queue.length === 0) return null;
  return (
    <section className="queue" aria-label="Waiting messages">
      <header>
        <Icon name="hourglass" />
        <span>{held ? `${queue.length} not sent` : `${queue.length} waiting`}</span>
        {held && (
          <Button look="accent" onClick={chat.releaseQueue}>
            Send now
          </Button>
        )}
      </header>
      <ol>
        {queue.map((message) => (
          <Waiting key={message.clientId} message={message} />
        ))}
      </ol>
    </section>
  );
}

function Waiting({ message }: { message: QueuedMessage }) {
  const chat = useChat();
  const [text, setText] = useState<string | null>(null);
  const area = useGrowing(text !== null);
  if (text !== null) {
    const save = (): void => {
      chat.editQueued(message.clientId, text);
      setText(null);
    };
    return (
      <li>
        <textarea
          ref={area}
          className="input"
          aria-label="Edit waiting message"
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              save();
            } else if (event.key === 'Escape') {
              event.preventDefault();
              event.stopPropagation();
              setText(null);
            }
          }}
        />
      </li>
    );
  }
  return (
    <li>
      <span className="waiting-text">{message.text}</span>
      <IconButton icon="edit" label="Edit waiting message" onClick={() => setText(message.text)} />
      <IconButton icon="close" label="Remove waiting message" onClick={() => chat.removeQueued(message.clientId)} />
    </li>
  );
}
