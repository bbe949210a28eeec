import { followAgentEvents } from '../api/agent-events.ts';
import type { AgentEvent } from '../api/shapes.ts';
import type { ChatContext } from './context.ts';
import type { ChatState } from './state.ts';
import type { Turns } from './turns.ts';

/**
 * Whether to hear of other tabs. Not while this one follows a turn, which tells it all it needs: browsers allow six
 * connections to one host over HTTP/1.1, and the page beside us has its own.
 */
export function wantsEvents(state: ChatState, hidden: boolean): boolean {
  const elsewhere = state.sessions.some((session) => session.running);
  return ((state.open && !hidden) || elsewhere) && state.turn === null && state.failure?.kind !== 'signed_out';
}

/** Keeps this tab in step with what others do. Returns how to end it. */
export function followOthers(
  context: ChatContext,
  actions: { turns: Turns; loadSessions: () => Promise<void>; loadHistory: () => Promise<void> },
): { check: () => void; end: () => void } {
  const { store } = context;
  let connection: AbortController | null = null;
  let connected = 0;

  function onEvent(event: AgentEvent): void {
    if (event.type === 'history') return void actions.loadHistory();
    if (event.type === 'sessions') return void actions.loadSessions();
    const { sessionId, sessions, open } = store.getState();
    const running = event.state !== 'ended';
    const known = sessions.some((session) => session.id === event.sessionId);
    store.setState({
      sessions: sessions.map((session) => (session.id === event.sessionId ? { ...session, running } : session)),
      ...(running || open ? {} : { unread: true }),
    });
    if (!known) void actions.loadSessions();
    if (!running) actions.turns.otherEnded(event.sessionId);
    if (event.sessionId === sessionId) void actions.turns.refreshSession();
  }

  function check(): void {
    const wanted = wantsEvents(store.getState(), context.hidden());
    if (wanted === (connection !== null)) return;
    connection?.abort();
    connection = null;
    if (!wanted) return;
    const own = new AbortController();
    connection = own;
    void followAgentEvents({
      fetch: context.fetch,
      base: context.base,
      signal: own.signal,
      hurry: context.hurry,
      onOpen: () => {
        connected += 1;
        // What happened between two connections is not told again.
        if (connected > 1) {
          void actions.loadSessions();
          void actions.loadHistory();
          void actions.turns.refreshSession();
        }
      },
      onEvent,
    });
  }

  const stop = store.subscribe(check);
  return {
    check,
    end: () => {
      stop();
      connection?.abort();
    },
  };
}
