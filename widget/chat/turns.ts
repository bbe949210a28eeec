import { toFailure } from '../api/failure.ts';
import { joinedTurn, ownTurn, requestOf, withMessage } from './begin-turn.ts';
import { showFlash, type ChatContext } from './context.ts';
import { followTurn } from './follow.ts';
import { turnOf } from './message.ts';
import { tellOutcome } from './outcome.ts';
import { writeQueue, type QueuedMessage } from './queue.ts';
import { createSending } from './sending.ts';
import type { ChatState, Turn } from './state.ts';

const READ_ATTEMPTS = 4;

export type Turns = ReturnType<typeof createTurns>;

/** Sending, following, stopping: one turn at a time in the session that is open. */
export function createTurns(context: ChatContext, ended: () => void) {
  const { store, client, identities, memory } = context;
  const get = store.getState;
  let following: AbortController | null = null;
  let stopWanted = false;
  const sending = createSending(context, { dispatch: (item) => void dispatch(item), refresh: refreshSession });

  async function dispatch(item: QueuedMessage): Promise<void> {
    const before = get().messages;
    const turn = ownTurn(context, item);
    stopWanted = false;
    const { signal } = replaceFollowing();
    store.setState({ messages: withMessage(before, item), turn, editing: null });
    let sessionId = turn.sessionId;
    try {
      sessionId ??= await openNewSession(signal);
      const accepted = await client.startTurn(sessionId, requestOf(context, item));
      identities.same(accepted.userMessageId, item.clientId);
      sending.sent();
      if (signal.aborted) return;
      begun(sessionId, accepted.turnId, item.text);
      if (stopWanted) void stop();
      await follow({ ...turn, sessionId, turnId: accepted.turnId }, signal);
    } catch (error) {
      if (signal.aborted) return sending.keepFor(sessionId, item);
      store.setState({ messages: before, turn: null });
      await sending.refused(item, toFailure(error));
    }
  }

  async function openNewSession(signal: AbortSignal): Promise<string> {
    const session = await client.createSession();
    store.setState((state) => ({ sessions: [session, ...state.sessions] }));
    if (signal.aborted) return session.id;
    memory.write('session', session.id);
    store.setState({ sessionId: session.id });
    writeQueue(memory, session.id, get().queue);
    return session.id;
  }

  function begun(sessionId: string, turnId: string, text: string): void {
    store.setState((state) => ({
      failure: null,
      turn: state.turn && { ...state.turn, sessionId, turnId },
      // The agent, too, names a new session after its first message.
      sessions: state.sessions.map((session) =>
        session.id === sessionId ? { ...session, running: true, title: session.title || text.slice(0, 60) } : session,
      ),
    }));
  }

  async function follow({ sessionId, turnId, message }: Turn, signal: AbortSignal): Promise<void> {
    if (sessionId === null || turnId === null) return;
    memory.write('running', sessionId);
    const failure = await followTurn(context, { sessionId, turnId, shownId: message.id }, signal);
    if (signal.aborted) return;
    if (failure && (failure.kind === 'signed_out' || failure.kind.startsWith('outdated'))) {
      store.setState((state) => ({ failure, messages: withAnswer(state), turn: null }));
      return;
    }
    memory.write('running', null);
    await finish(sessionId, signal);
  }

  /** Takes over the finished messages as the agent keeps them. */
  async function finish(sessionId: string, signal: AbortSignal): Promise<void> {
    const { turn } = get();
    const read = await readSession(sessionId, signal);
    if (signal.aborted || !turn) return;
    const last = read?.messages.at(-1);
    if (last?.role === 'assistant') identities.same(last.id, turn.message.id);
    const state = turnOf(turn.message)?.state ?? 'done';
    store.setState((now) => ({
      messages: read ? identities.shown(read.messages) : withAnswer(now),
      turn: null,
      unread: now.unread || !now.open || context.hidden(),
      queueHeld: now.queue.length > 0 && (now.queueHeld || state === 'stopped' || state === 'failed'),
      sessions: now.sessions.map((session) => (session.id === sessionId ? (read?.session ?? session) : session)),
    }));
    tellOutcome(context, turn);
    ended();
    if (read?.running) return join(sessionId, read.running.turnId);
    sending.flush();
  }

  async function readSession(sessionId: string, signal: AbortSignal) {
    for (let attempt = 1; attempt <= READ_ATTEMPTS && !signal.aborted; attempt++) {
      try {
        return await client.session(sessionId, signal);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
      }
    }
    return null;
  }

  function join(sessionId: string, turnId: string): Promise<void> {
    const { signal } = replaceFollowing();
    const turn = joinedTurn(context, sessionId, turnId);
    store.setState({ turn });
    return follow(turn, signal);
  }

  /** Reads the open session anew without clearing it, and joins what runs in it. */
  async function refreshSession(): Promise<void> {
    const { sessionId, turn } = get();
    if (sessionId === null || turn) return;
    try {
      const read = await client.session(sessionId);
      if (get().sessionId !== sessionId || get().turn) return;
      store.setState({ messages: identities.shown(read.messages) });
      if (read.running) void join(sessionId, read.running.turnId);
      else sending.flush();
    } catch (error) {
      store.setState({ failure: toFailure(error) });
    }
  }

  async function stop(): Promise<void> {
    const { turn } = get();
    if (!turn) return;
    store.setState({ turn: { ...turn, stopping: true } });
    if (turn.sessionId === null || turn.turnId === null) {
      stopWanted = true;
      return;
    }
    try {
      await client.stop(turn.sessionId);
    } catch (error) {
      store.setState((state) => ({ turn: state.turn && { ...state.turn, stopping: false } }));
      showFlash(context, { text: `Not stopped: ${toFailure(error).message}`, tone: 'bad' });
    }
  }

  function replaceFollowing(): AbortController {
    following?.abort();
    following = new AbortController();
    return following;
  }

  const { flush, setQueue, otherEnded, retryNow } = sending;
  /** Ends following, not the turn: it goes on in the workspace. */
  const leave = (): void => void replaceFollowing();
  return { flush, setQueue, otherEnded, retryNow, join, stop, refreshSession, leave };
}

function withAnswer({ turn, messages }: ChatState): ChatState['messages'] {
  return turn && turn.message.parts.length > 0 ? [...messages, turn.message] : messages;
}
