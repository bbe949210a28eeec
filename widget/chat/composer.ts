import { bytesText } from './time.ts';
import { showFlash, type ChatContext } from './context.ts';
import { textOf } from './message.ts';
import { addToQueue, editQueued, MAX_QUEUED, removeQueued, type QueuedMessage } from './queue.ts';
import { attachmentsOf } from './attachments.ts';
import type { Turns } from './turns.ts';

/** What the person does with messages: write, send, edit, retry, and what waits. */
export function createComposer(context: ChatContext, turns: Turns) {
  const { store } = context;
  const get = store.getState;

  function setDraft(draft: string): void {
    store.setState({ draft });
    context.drafts.set(get().sessionId, draft);
  }

  /** Sends what is written, or lets it wait when a turn runs or the workspace is away. */
  function submit(): void {
    const { draft, uploads, info } = get();
    const text = draft.trim();
    if (uploads.some((upload) => upload.state === 'uploading')) return;
    const attachments = uploads.flatMap((upload) => upload.attachment ?? []);
    if (text === '' && attachments.length === 0) return;
    const most = info?.limits.promptCharacters ?? 100_000;
    if (text.length > most) {
      const over = `The message has ${text.length.toLocaleString('en-GB')} characters, ${most.toLocaleString('en-GB')} are possible.`;
      return showFlash(context, { text: `${over} Attach it as a file.`, tone: 'bad' });
    }
    if (get().queue.length >= MAX_QUEUED) {
      return showFlash(context, { text: `${MAX_QUEUED} messages wait already. Your draft is kept.`, tone: 'bad' });
    }
    send({ clientId: context.uuid(), text: text || 'See the attachments.', attachments });
    setDraft('');
    store.setState({ uploads: [], flash: null });
  }

  /** Goes behind what waits already; when nothing holds it, it is on its way at once. */
  function send(message: QueuedMessage): void {
    turns.setQueue(addToQueue(get().queue, message), false);
    turns.flush();
  }

  return {
    setDraft,
    submit,
    editQueued: (id: string, text: string) => turns.setQueue(editQueued(get().queue, id, text)),
    removeQueued: (id: string) => turns.setQueue(removeQueued(get().queue, id)),
    releaseQueue(): void {
      store.setState({ queueHeld: false });
      turns.retryNow();
    },
    startEditing: (id: string | null) => store.setState({ editing: id }),
    /** Up in an empty composer: the last message of the person, be it waiting or sent. */
    editLast(): void {
      const { queue, messages, turn } = get();
      const last = queue.at(-1);
      if (last) {
        turns.setQueue(removeQueued(queue, last.clientId));
        return setDraft(last.text);
      }
      const own = messages.findLast((message) => message.role === 'user');
      if (own && !turn) store.setState({ editing: own.id });
    },
    /** Replaces a message of the person and all that came after it. */
    saveEdit(id: string, text: string): void {
      const message = get().messages.find((other) => other.id === id);
      if (!message || text.trim() === '' || get().turn) return;
      store.setState({ editing: null });
      send({ clientId: context.uuid(), text: text.trim(), attachments: attachmentsOf(message), replaces: id });
    },
    /** Asks again what an answer was given to. */
    retry(answerId: string): void {
      const { messages, turn } = get();
      const at = messages.findIndex((message) => message.id === answerId);
      const asked = messages.slice(0, at === -1 ? messages.length : at).findLast((message) => message.role === 'user');
      if (!asked || turn) return;
      const again = { text: textOf(asked), attachments: attachmentsOf(asked), replaces: asked.id };
      send({ clientId: context.uuid(), ...again });
    },
    limitText: (): string => bytesText(get().info?.limits.attachmentBytes ?? 0),
  };
}
