import type { ApiFailure } from '../api/failure.ts';
import { canSend } from './banner.ts';
import { announce, showFlash, type ChatContext } from './context.ts';
import { waitForOther } from './other-chat.ts';
import { mayFlush, readQueue, returnToQueue, writeQueue, type QueuedMessage } from './queue.ts';
import type { ChatState } from './state.ts';

const RETRY_MS = 3000;
const MAX_RETRIES = 40;

export type Sending = ReturnType<typeof createSending>;

/** What waits to be sent, and what becomes of a message that did not get through. */
export function createSending(
  context: ChatContext,
  actions: { dispatch: (item: QueuedMessage) => void; refresh: () => Promise<void> },
) {
  const { store } = context;
  const get = store.getState;
  let retries = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function setQueue(queue: QueuedMessage[], held = get().queueHeld): void {
    store.setState({ queue, queueHeld: queue.length > 0 && held });
    writeQueue(context.memory, get().sessionId, queue);
  }

  /** Sends the first that waits, if it may go. */
  function flush(): void {
    const state = get();
    const turnRuns = busy(state) || state.elsewhere !== null;
    const [first, ...rest] = state.queue;
    const facts = { ready: canSend(state), turnRuns, held: state.queueHeld, queued: state.queue.length };
    if (!first || !mayFlush(facts)) return;
    setQueue(rest);
    actions.dispatch(first);
  }

  /** A message that did not get through goes back to where the person finds it. */
  async function refused(item: QueuedMessage, failure: ApiFailure): Promise<void> {
    const queued = returnToQueue(get().queue, item);
    if (failure.code === 'turn_running') {
      setQueue(queued, false);
      const { chat } = failure;
      if (!chat || chat.sessionId === get().sessionId) return actions.refresh();
      return waitForOther(context, chat, () => otherEnded(chat.sessionId));
    }
    if (failure.code.startsWith('budget')) {
      store.setState({ budgetSpent: failure.message });
      return setQueue(queued, true);
    }
    if (failure.kind === 'refused' && failure.code !== 'project_busy') return handBack(item, failure);
    setQueue(queued, false);
    if (failure.kind !== 'refused') store.setState({ failure });
    if (failure.kind === 'unavailable' && get().workspace === 'asleep') void context.wake();
    if (failure.kind !== 'signed_out') retryLater(failure.retryAfterMs ?? RETRY_MS);
  }

  function handBack(item: QueuedMessage, failure: ApiFailure): void {
    showFlash(context, { text: [failure.message, failure.next].filter(Boolean).join(' '), tone: 'bad' });
    announce(context, failure.message);
    if (get().draft !== '') setQueue(returnToQueue(get().queue, item), true);
    else {
      store.setState({ draft: item.text });
      context.drafts.set(get().sessionId, item.text);
    }
  }

  function otherEnded(sessionId: string): void {
    if (get().elsewhere?.sessionId !== sessionId) return;
    store.setState({ elsewhere: null });
    flush();
  }

  function retryLater(ms: number): void {
    if (timer !== null || retries >= MAX_RETRIES) return;
    retries += 1;
    timer = setTimeout(() => {
      timer = null;
      flush();
    }, ms);
  }

  return {
    setQueue,
    flush,
    refused,
    otherEnded,
    sent: () => (retries = 0),
    /** For a chat that was left while its message was on the way. */
    keepFor(sessionId: string | null, item: QueuedMessage): void {
      writeQueue(context.memory, sessionId, returnToQueue(readQueue(context.memory, sessionId), item));
    },
    retryNow(): void {
      retries = 0;
      flush();
    },
  };
}

export function busy(state: ChatState): boolean {
  return state.turn !== null || state.loading;
}
