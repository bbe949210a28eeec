import { useEffect, useRef, type ClipboardEvent, type KeyboardEvent } from 'react';
import type { Upload } from '../chat/state.ts';
import { bytesText } from '../chat/time.ts';
import { IconButton } from './button.tsx';
import { useChat, useChatState } from './chat-context.tsx';
import { Icon } from './icons.tsx';
import { useGrowing } from './use-growing.ts';

const ACCEPTED = 'image/*,text/*,.pdf,.docx,.html,.md,.json,.csv,.ts,.tsx,.js,.yaml,.yml';

/** Where the person writes. Enter sends, also while a turn runs: then the message waits. */
export function Composer() {
  const chat = useChat();
  const draft = useChatState((state) => state.draft);
  const uploads = useChatState((state) => state.uploads);
  const running = useChatState((state) => state.turn !== null);
  const stopping = useChatState((state) => state.turn?.stopping === true);
  const editing = useChatState((state) => state.editing);
  const picker = useRef<HTMLInputElement>(null);
  const area = useGrowing();
  useEffect(() => {
    // Where there is no keyboard, focus brings one up over half of the panel.
    const touch = window.matchMedia('(pointer: coarse)').matches;
    if (editing === null && !touch) area.current?.focus({ preventScroll: true });
  }, [editing, area]);

  const uploading = uploads.some((upload) => upload.state === 'uploading');
  const hasContent = draft.trim() !== '' || uploads.some((upload) => upload.attachment !== null);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // 229: the key belongs to an input method that is composing.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      chat.submit();
    } else if (event.key === 'ArrowUp' && draft === '') {
      event.preventDefault();
      chat.editLast();
    }
  }

  function onPaste(event: ClipboardEvent): void {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    chat.attach(event.clipboardData.files);
  }

  return (
    <form
      className="composer"
      aria-label="Message"
      onSubmit={(event) => {
        event.preventDefault();
        chat.submit();
      }}
    >
      {uploads.length > 0 && (
        <ul className="uploads" aria-label="Attachments">
          {uploads.map((upload) => (
            <UploadChip key={upload.key} upload={upload} />
          ))}
        </ul>
      )}
      <textarea
        ref={area}
        aria-label="Message"
        placeholder={running ? 'Write what comes next' : 'Describe what you want'}
        rows={1}
        value={draft}
        onChange={(event) => chat.setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <div className="composer-bar">
        <IconButton icon="attach" label="Attach files" onClick={() => picker.current?.click()} />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={ACCEPTED}
          aria-label="Files to attach"
          onChange={(event) => {
            if (event.target.files) chat.attach(event.target.files);
            event.target.value = '';
          }}
        />
        <span className="spring" />
        {running && hasContent && <span className="meta">Enter queues</span>}
        {running ? (
          <button
            type="button"
            className="send stop"
            aria-label="Stop"
            title="Stop"
            disabled={stopping}
            onClick={(event) => {
              // Send was here a moment ago: the second click of a double click on it stops nothing; a third one means it.
              if (event.detail !== 2) void chat.stop();
            }}
          >
            <Icon name="stop" />
          </button>
        ) : (
          <button
            type="submit"
            className="send"
            aria-label="Send"
            title={uploading ? 'Uploading' : 'Send (Enter)'}
            disabled={!hasContent || uploading}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function UploadChip({ upload }: { upload: Upload }) {
  const chat = useChat();
  const words = {
    uploading: `${Math.round(upload.progress * 100)}% of ${bytesText(upload.bytes)}`,
    ready: upload.attachment?.note ?? bytesText(upload.bytes),
    refused: upload.reason ?? 'Refused',
  };
  return (
    <li className="upload" data-state={upload.state}>
      <Icon name={upload.state === 'refused' ? 'warning' : upload.attachment?.kind === 'image' ? 'image' : 'file'} />
      <span className="upload-text">
        <bdi className="upload-name">{upload.name}</bdi>
        <span className="meta" role={upload.state === 'refused' ? 'alert' : undefined}>
          {words[upload.state]}
        </span>
      </span>
      <IconButton icon="close" label={`Remove ${upload.name}`} onClick={() => chat.removeUpload(upload.key)} />
      {upload.state === 'uploading' && (
        <progress className="hidden" max={1} value={upload.progress} aria-label={`Uploading ${upload.name}`} />
      )}
      {upload.state === 'uploading' && <span className="bar" style={{ '--done': upload.progress }} />}
    </li>
  );
}
