import { toFailure, type ApiFailure } from '../api/failure.ts';
import { canSend } from './banner.ts';
import { announce, showFlash, type ChatContext } from './context.ts';
import { followTurn } from './follow.ts';
import { commitOf, localMessage, noticeOf, textOf, turnOf } from './message.ts';
import { mayFlush, returnToQueue, writeQueue, type QueuedMessage } from './queue.ts';
import type { ChatState, Turn } from './state.ts';

/** Turns shorter than this end without a notification. Milliseconds. */
const LONG_TURN_MS = 10_000;
const RETRY_MS = 3000;
const MAX_RETRIES = 40;
const READ_ATTEMPTS = 4;
/** An hour. */
const MAX_LOOKS = 1200;

export type Turns = ReturnType<typeof createTurns>;

/** Sending, following, stopping: one turn at a time in the session that is open. */
export function createTurns(context: ChatContext, ended: () => void) {
  const { store, client, identities } = context;
  const get = store.getState;
  let following: AbortController | null = null;
  let stopWanted = false;
  let retries = 0;
  let retryTimer: ReturnType<typeof setTimeout> | null = null;

  function setQueue(queue: QueuedMessage[], held = get().queueHeld): void {
    store.setState({ queue, queueHeld: queue.length > 0 && held });
    writeQueue(context.memory, get().sessionId, queue);
  }

  /** Sends the first that waits, if it may go. */
  function flush(): void {
    const state = get();
    const facts = {
      ready: canSend(state),
      turnRuns: busy(state) || state.elsewhere !== null,
      held: state.queueHeld,
      queued: state.queue.length,
    };
    const [first, ...rest] = state.queue;
    if (!first || !mayFlush(facts)) return;
    setQueue(rest);
    void dispatch(first);
  }

  async function dispatch(item: QueuedMessage): Promise<void> {
    const before = get().messages;
    const at = item.replaces === undefined ? -1 : before.findIndex((message) => message.id === item.replaces);
    const kept = at === -1 ? before : before.slice(0, at);
    const turn: Turn = {
      sessionId: get().sessionId,
      turnId: null,
      message: { id: `answer:${item.clientId}`, role: 'assistant', parts: [] },
      since: context.now(),
      joined: false,
      connection: 'live',
      stopping: false,
    };
    stopWanted = false;
    const controller = replaceFollowing();
    const own = localMessage(item.clientId, item.text, item.attachments);
    store.setState({ messages: [...kept, own], turn, editing: null });
    try {
      const sessionId = turn.sessionId ?? (await openNewSession());
      if (controller.signal.aborted) return;
      const { turnId, userMessageId } = await client.startTurn(sessionId, {
        clientId: item.clientId,
        text: item.text,
        page: context.page(),
        ...(item.attachments.length ? { attachments: item.attachments.map((file) => file.id) } : {}),
        ...(get().tier ? { tier: get().tier ?? 'general' } : {}),
        ...(item.replaces === undefined ? {} : { replaces: identities.agentId(item.replaces) }),
      });
      identities.same(userMessageId, item.clientId);
      retries = 0;
      if (controller.signal.aborted) return;
      store.setState((state) => ({
        failure: null,
        turn: state.turn && { ...state.turn, sessionId, turnId },
        sessions: state.sessions.map((session) =>
          // The agent, too, names a new session after its first message.
          session.id === sessionId
            ? { ...session, running: true, title: session.title || item.text.slice(0, 60) }
            : session,
        ),
      }));
      if (stopWanted) void stop();
      await follow(sessionId, turnId, turn.message.id, controller);
    } catch (error) {
      if (controller.signal.aborted) return;
      store.setState({ messages: before, turn: null });
      await refused(item, toFailure(error));
    }
  }

  async function openNewSession(): Promise<string> {
    const session = await client.createSession();
    context.memory.write('session', session.id);
    store.setState((state) => ({ sessionId: session.id, sessions: [session, ...state.sessions] }));
    writeQueue(context.memory, session.id, get().queue);
    return session.id;
  }

  /** A message that did not get through goes back to where the person finds it. */
  async function refused(item: QueuedMessage, failure: ApiFailure): Promise<void> {
    const queued = returnToQueue(get().queue, item);
    if (failure.code === 'turn_running') {
      setQueue(queued, false);
      if (failure.chat && failure.chat.sessionId !== get().sessionId) return waitForOther(failure.chat);
      return refreshSession();
    }
    if (failure.code.startsWith('budget')) {
      store.setState({ budgetSpent: failure.message });
      return setQueue(queued, true);
    }
    if (failure.code === 'project_busy') {
      setQueue(queued, false);
      return retryLater(RETRY_MS);
    }
    if (failure.kind === 'refused') {
      showFlash(context, { text: [failure.message, failure.next].filter(Boolean).join(' '), tone: 'bad' });
      announce(context, failure.message);
      if (get().draft !== '') return setQueue(queued, true);
      return void store.setState({ draft: item.text });
    }
    store.setState({ failure });
    setQueue(queued, false);
    if (failure.kind === 'unavailable' && get().workspace === 'asleep') void context.wake();
    if (failure.kind === 'unavailable' || failure.kind === 'offline') retryLater(failure.retryAfterMs ?? RETRY_MS);
  }

  /** Looks from time to time, besides the events that tell of it, whether the agent is free. */
  async function waitForOther(chat: { sessionId: string; title: string }): Promise<void> {
    store.setState({ elsewhere: chat });
    for (let look = 0; look < MAX_LOOKS && get().elsewhere === chat; look++) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      const sessions = await client.sessions().catch(() => null);
      if (sessions && !sessions.some((session) => session.id === chat.sessionId && session.running)) break;
    }
    if (get().elsewhere === chat) otherEnded(chat.sessionId);
  }

  function otherEnded(sessionId: string): void {
    if (get().elsewhere?.sessionId !== sessionId) return;
    store.setState({ elsewhere: null });
    flush();
  }

  function retryLater(ms: number): void {
    if (retryTimer !== null || retries >= MAX_RETRIES) return;
    retries += 1;
    retryTimer = setTimeout(() => {
      retryTimer = null;
      flush();
    }, ms);
  }

  async function follow(
    sessionId: string,
    turnId: string,
    shownId: string,
    controller: AbortController,
  ): Promise<void> {
    context.memory.write('running', sessionId);
    const failure = await followTurn(context, { sessionId, turnId, shownId }, controller.signal);
    if (controller.signal.aborted) return;
    if (failure && (failure.kind === 'signed_out' || failure.kind.startsWith('outdated'))) {
      store.setState((state) => ({ failure, messages: withAnswer(state), turn: null }));
      return;
    }
    context.memory.write('running', null);
    await finish(sessionId, controller);
  }

  async function finish(sessionId: string, controller: AbortController): Promise<void> {
    const { turn } = get();
    const read = await readSession(sessionId, controller.signal);
    if (controller.signal.aborted || !turn) return;
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
    tell(turn);
    ended();
    if (read?.running) return join(sessionId, read.running.turnId);
    flush();
  }

  /** Says once what came of a turn: to screen readers, and on the desktop when nobody looks. */
  function tell(turn: Turn): void {
    const notice = noticeOf(turn.message);
    const state = turnOf(turn.message)?.state;
    if (notice?.kind === 'budget' && state === 'failed') store.setState({ budgetSpent: notice.message });
    const commit = commitOf(turn.message);
    const text =
      state === 'stopped'
        ? 'Stopped.'
        : state === 'failed'
          ? (notice?.message ?? 'The turn failed.')
          : commit?.live
            ? `Done. Live: ${commit.message}`
            : 'Done.';
    announce(context, text);
    if (context.hidden() && context.now() - turn.since > LONG_TURN_MS) {
      const title = get().sessions.find((session) => session.id === turn.sessionId)?.title;
      context.notify(title || 'Your workspace', text);
    }
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
    const controller = replaceFollowing();
    const shownId = `answer:${turnId}`;
    const message = { id: shownId, role: 'assistant' as const, parts: [] };
    store.setState({
      turn: { sessionId, turnId, message, since: context.now(), joined: true, connection: 'live', stopping: false },
    });
    return follow(sessionId, turnId, shownId, controller);
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
      else flush();
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

  return {
    flush,
    dispatch,
    join,
    stop,
    setQueue,
    refreshSession,
    otherEnded,
    /** Ends following, not the turn: it goes on in the workspace. */
    leave: () => void replaceFollowing(),
    retryNow: () => {
      retries = 0;
      flush();
    },
  };
}

export function busy(state: ChatState): boolean {
  return state.turn !== null || state.loading;
}

function withAnswer(state: ChatState): ChatState['messages'] {
  const answer = state.turn?.message;
  return answer && (textOf(answer) !== '' || answer.parts.length > 0) ? [...state.messages, answer] : state.messages;
}
