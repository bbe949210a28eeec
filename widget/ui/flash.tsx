import { useEffect } from 'react';
import { IconButton } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';

/** Long enough to read and to undo; one that asks for something stays. Milliseconds. */
const SHOWN_MS = 8000;

export function Flash() {
  const chat = useChat();
  const flash = useChatState((state) => state.flash);
  const key = flash?.key;
  const stays = flash?.tone === 'bad';
  useEffect(() => {
    if (key === undefined || stays) return;
    const timer = setTimeout(chat.clearFlash, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [key, stays, chat]);
  if (!flash) return null;
  return (
    <div className="flash" data-tone={flash.tone} role={stays ? 'alert' : undefined}>
      <p>{flash.text}</p>
      {flash.action && (
        <button type="button" className="link" onClick={flash.action.run}>
          {flash.action.label}
        </button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={chat.clearFlash} />
    </div>
  );
}
