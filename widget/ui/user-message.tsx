import { MessagePrimitive } from '@assistant-ui/react';
import { useState } from 'react';
import type { ChatMessage } from '../api/shapes.ts';
import { filesOf, textOf } from '../chat/message.ts';
import { Button, IconButton } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icons.tsx';
import { useGrowing } from './use-growing.ts';

export function UserMessage({ message }: { message: ChatMessage }) {
  const chat = useChat();
  const editing = useChatState((state) => state.editing === message.id);
  const running = useChatState((state) => state.turn !== null);
  const text = textOf(message);
  if (editing) return <Edit message={message} text={text} />;
  return (
    <MessagePrimitive.Root className="message user">
      <div className="bubble">
        {text}
        {filesOf(message).map((file, index) => (
          <span className="file-chip" key={`${file.name}:${index}`}>
            <Icon name={file.mediaType.startsWith('image/') ? 'image' : 'file'} />
            <bdi>{file.name}</bdi>
          </span>
        ))}
      </div>
      <div className="message-actions">
        <CopyButton text={text} label="Copy message" />
        {!running && <IconButton icon="edit" label="Edit message" onClick={() => chat.startEditing(message.id)} />}
      </div>
    </MessagePrimitive.Root>
  );
}

function Edit({ message, text }: { message: ChatMessage; text: string }) {
  const chat = useChat();
  const [value, setValue] = useState(text);
  const area = useGrowing(true);
  return (
    <MessagePrimitive.Root className="message user editing">
      <textarea
        ref={area}
        className="input"
        aria-label="Edit message"
        value={value}
        rows={1}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            chat.saveEdit(message.id, value);
          } else if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            chat.startEditing(null);
          }
        }}
      />
      <p className="meta">What came after this message is dropped from the chat. Commits stay in the history.</p>
      <div className="actions">
        <Button look="accent" onClick={() => chat.saveEdit(message.id, value)}>
          Send again
        </Button>
        <Button onClick={() => chat.startEditing(null)}>Cancel</Button>
      </div>
    </MessagePrimitive.Root>
  );
}
