import * as z from 'zod/mini';
import { ApiFailure, toFailure } from '../api/failure.ts';
import type { Session } from '../api/shapes.ts';
import { showFlash, type ChatContext } from './context.ts';
import { readQueue } from './queue.ts';
import type { Turns } from './turns.ts';

/** How long a deletion can be undone. Milliseconds. */
export const UNDO_MS = 6000;

/** The list of sessions, and which is open. */
export function createSessions(context: ChatContext, turns: Turns, dropUploads: () => void) {
  const { store, client, memory, drafts } = context;
  const get = store.getState;
  const pending = new Map<string, ReturnType<typeof setTimeout>>();
  let opening = new AbortController();

  async function open(sessionId: string | null): Promise<void> {
    opening.abort();
    opening = new AbortController();
    const { signal } = opening;
    turns.leave();
    dropUploads();
    memory.write('session', sessionId);
    const queue = readQueue(memory, sessionId);
    store.setState({
      sessionId,
      messages: [],
      turn: null,
      elsewhere: null,
      editing: null,
      loading: sessionId !== null,
      fromEnd: sessionId !== null,
      draft: drafts.get(sessionId),
      queue,
      // What waited when the page was left is not sent behind the person's back, unless its turn still runs.
      queueHeld: queue.length > 0,
      view: { name: 'chat' },
    });
    if (sessionId === null) return;
    try {
      const read = await client.session(sessionId, signal);
      if (signal.aborted) return;
      store.setState({ messages: context.identities.shown(read.messages), loading: false, failure: null });
      if (!read.running) return;
      store.setState({ queueHeld: false });
      void turns.join(sessionId, read.running.turnId);
    } catch (error) {
      if (signal.aborted) return;
      const failure = toFailure(error);
      if (failure.kind === 'refused') return void open(null);
      store.setState({ failure, loading: false });
    }
  }

  async function load(): Promise<void> {
    try {
      const sessions = await client.sessions();
      store.setState({ sessions, failure: null });
    } catch (error) {
      store.setState({ failure: toFailure(error) });
    }
  }

  function put(session: Session): void {
    store.setState((state) => ({
      sessions: state.sessions.map((other) => (other.id === session.id ? session : other)),
    }));
  }

  async function rename(sessionId: string, title: string): Promise<void> {
    const before = get().sessions.find((session) => session.id === sessionId);
    if (!before || title.trim() === '' || title.trim() === before.title) return;
    put({ ...before, title: title.trim() });
    try {
      put(await client.renameSession(sessionId, title.trim()));
    } catch (error) {
      put(before);
      showFlash(context, { text: `Not renamed: ${toFailure(error).message}`, tone: 'bad' });
    }
  }

  function setDeleting(sessionId: string, deleting: boolean): void {
    store.setState((state) => {
      const next = new Set(state.deleting);
      if (deleting) next.add(sessionId);
      else next.delete(sessionId);
      return { deleting: next };
    });
  }

  async function deleteForGood(sessionId: string, leaving = false): Promise<void> {
    clearTimeout(pending.get(sessionId));
    pending.delete(sessionId);
    try {
      await client.deleteSession(sessionId, leaving);
      store.setState((state) => ({ sessions: state.sessions.filter((session) => session.id !== sessionId) }));
      drafts.set(sessionId, '');
    } catch (error) {
      const failure = toFailure(error);
      const gone = failure instanceof ApiFailure && failure.code === 'http_404';
      if (!gone) showFlash(context, { text: `Not deleted: ${failure.message}`, tone: 'bad' });
    }
    setDeleting(sessionId, false);
  }

  return {
    openSession: open,
    loadSessions: load,
    renameSession: rename,
    /** It is out of sight at once, and gone when its undo has passed or the page is left. */
    deleteSession(sessionId: string): void {
      const title = get().sessions.find((session) => session.id === sessionId)?.title || 'Untitled';
      setDeleting(sessionId, true);
      if (get().sessionId === sessionId) void open(null);
      pending.set(
        sessionId,
        setTimeout(() => void deleteForGood(sessionId), UNDO_MS),
      );
      const undo = (): void => {
        clearTimeout(pending.get(sessionId));
        pending.delete(sessionId);
        setDeleting(sessionId, false);
        store.setState({ flash: null });
      };
      showFlash(context, { text: `Deleted '${title}'.`, tone: 'muted', action: { label: 'Undo', run: undo } });
    },
    finishDeletions: () => {
      for (const sessionId of pending.keys()) void deleteForGood(sessionId, true);
    },
    /** The session that was open when the page was left; in a browser that knows none, the one whose turn runs. */
    async openLast(): Promise<void> {
      const last = memory.read('session', z.string());
      void open(last);
      if (last !== null) return;
      const sessions = await client.sessions().catch(() => []);
      const running = sessions.find((session) => session.running);
      const { sessionId, messages, draft } = get();
      // The person may have begun meanwhile.
      if (running && sessionId === null && messages.length === 0 && draft.trim() === '') return open(running.id);
    },
  };
}
