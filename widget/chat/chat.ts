import { backoff } from '../api/backoff.ts';
import { toFailure } from '../api/failure.ts';
import type { Tier } from '../api/shapes.ts';
import { readAdmin } from '../api/viewer.ts';
import type { WorkspaceView } from '../page/workspace-state.ts';
import * as z from 'zod/mini';
import { createAttachments, type Send } from './attachments.ts';
import { createBudget } from './budget.ts';
import { createComposer } from './composer.ts';
import { openApp } from '../page/open-app.ts';
import { showFlash, type ChatContext } from './context.ts';
import { followOthers } from './events.ts';
import { createHistory } from './history.ts';
import { createSessions } from './sessions.ts';
import type { View } from './state.ts';
import { createTurns } from './turns.ts';

/** What is told of a workspace from which nothing is heard. */
const SILENT = new Set<WorkspaceView>(['asleep', 'waking', 'unreachable']);
/** Until the person asks again. */
const MAX_RELOADS = 20;

export type Chat = ReturnType<typeof createChat>;

/** The chat without its looks: state, and everything a person can do. */
export function createChat(context: ChatContext, send: Send) {
  const { store, client, memory } = context;
  const history = createHistory(context);
  const budget = createBudget(context);
  const turns = createTurns(context, () => {
    void history.loadHistory();
    void budget.look();
  });
  const attachments = createAttachments(context, send);
  const composer = createComposer(context, turns);
  const sessions = createSessions(context, turns, attachments.dropUploads);
  const others = followOthers(context, { turns, ...sessions, ...history });
  let begun = false;
  let reloads = 0;

  async function loadInfo(): Promise<void> {
    try {
      const info = await client.info();
      const kept = memory.read('tier', z.enum(['fast', 'general', 'best', 'developer']));
      const offered = info.tiers.some((tier) => tier.id === kept && tier.model !== null);
      store.setState({ info, tier: kept !== null && offered ? kept : info.defaultTier, failure: null });
    } catch (error) {
      store.setState({ failure: toFailure(error) });
    }
  }

  async function loadAdmin(): Promise<void> {
    try {
      store.setState({ admin: await readAdmin(context.fetch) });
    } catch {
      // It is one entry of a menu; the next load asks again.
    }
  }

  /** All that the panel shows. Again after the workspace was away. */
  function load(): void {
    if (store.getState().info === null) void loadInfo().then(budget.look);
    else void budget.look();
    if (store.getState().admin === null) void loadAdmin();
    void sessions.loadSessions();
    void history.loadHistory();
  }

  /** What could not be loaded is loaded when the workspace answers again, without a click. */
  const stopWatching = store.subscribe(({ failure, open }, before) => {
    if (!failure || failure === before.failure || !open || reloads >= MAX_RELOADS) return;
    if (failure.kind !== 'unavailable' && failure.kind !== 'offline') return;
    reloads += 1;
    setTimeout(reload, failure.retryAfterMs ?? backoff(reloads + 2, Math.random()));
  });

  function reload(): void {
    store.setState({ failure: null });
    load();
    const { sessionId, messages, turn } = store.getState();
    if (sessionId !== null && messages.length === 0 && !turn) void sessions.openSession(sessionId);
    turns.retryNow();
  }

  function setWorkspace(workspace: WorkspaceView): void {
    const before = store.getState().workspace;
    if (before === workspace) return;
    store.setState(workspace === 'ready' ? { workspace, failure: null } : { workspace });
    if (workspace !== 'ready') return;
    reloads = 0;
    if (begun) load();
    void turns.refreshSession();
    turns.retryNow();
  }

  return {
    store,
    ...composer,
    ...attachments,
    ...sessions,
    ...history,
    stop: turns.stop,
    end(): void {
      stopWatching();
      others.end();
    },
    /** The page became visible or hidden. */
    lookAgain: others.check,
    setOpen(open: boolean): void {
      store.setState(open ? { open, unread: false } : { open });
      if (!open) return;
      load();
      if (begun) return void turns.refreshSession();
      begun = true;
      void sessions.openLast();
    },
    /** At the start, with the panel closed: what ran when the page was left is followed again, for the badge. */
    resume(): void {
      if (begun || memory.read('running', z.string()) === null) return;
      begun = true;
      void sessions.openLast();
    },
    /** A new conversation with a text to begin from. */
    prefill(text: string): void {
      begun = true;
      void sessions.openSession(null);
      const begunText = store.getState().draft.trim();
      composer.setDraft(begunText === '' || begunText === text ? text : `${begunText}\n\n${text}`);
    },
    reload(): void {
      reloads = 0;
      reload();
    },
    setTier(tier: Tier['id']): void {
      memory.write('tier', tier);
      store.setState({ tier });
    },
    setView: (view: View) => store.setState({ view }),
    setOnline(online: boolean): void {
      store.setState(online ? { online, failure: null } : { online });
      if (online) turns.retryNow();
    },
    setWorkspace,
    /** The workspace has answered: whatever was said of its silence is over, before others notice. */
    heard(): void {
      const { workspace, failure } = store.getState();
      if (failure?.kind === 'offline' || failure?.kind === 'unavailable') store.setState({ failure: null });
      if (!SILENT.has(workspace)) return;
      context.tellHeard();
      setWorkspace('ready');
    },
    clearFlash: () => store.setState({ flash: null }),
    /** After the budget was raised or has begun anew. */
    tryBudgetAgain(): void {
      store.setState({ budgetSpent: null });
    },
    answerQuestion: async (id: string, body: { answer: string[] } | { skip: true }) => {
      const sessionId = store.getState().turn?.sessionId;
      if (sessionId) await client.answer(sessionId, id, body);
    },
    saveEnv: async (id: string, body: { values: Record<string, string> } | { skip: true }) => {
      const sessionId = store.getState().turn?.sessionId;
      if (sessionId) await client.saveEnv(sessionId, id, body);
    },
    loadApps: client.apps,
    async openApp(name: string): Promise<void> {
      try {
        await openApp(name);
      } catch (error) {
        const { message, next } = toFailure(error);
        showFlash(context, { text: [message, next].filter(Boolean).join(' '), tone: 'bad' });
      }
    },
    wake: context.wake,
  };
}
