import { followEvents, post, readInfo } from './api.ts';
import {
  backoff,
  barContent,
  describeSourceError,
  isSilent,
  shouldReportActivity,
  type BarContent,
  HEARD_EVENT,
  LEAVE_EVENT,
  STATE_EVENT,
  STATE_QUESTION,
  type CompanionState,
  type SharedState,
} from './state.ts';
import { createView } from './view.ts';

/** The runner sends a comment more often than this. Milliseconds. */
const SILENCE_MS = 60_000;
/** Each waits some seconds at the control plane. */
const WAKE_ATTEMPTS = 20;
/** What fails at once would be tried at each word of an answer else. Milliseconds. */
const HEARD_PAUSE_MS = 5_000;

/**
 * Beside Studio: tells the control plane that a person is at the page, shows when the sandbox sleeps or is being
 * repaired, wakes it at a click, lets Studio fetch its lists anew after a hot reload, and tells the widget what it knows.
 */
function start(): void {
  const view = createView(act);
  const state: CompanionState = { view: 'ready', buildError: null };
  let lastInput = 0;
  // The page's own load has just woken the sandbox.
  let lastReport = Date.now();
  let revision: string | null = null;
  let connection: AbortController | null = null;
  let opened = false;
  let lastHeard = 0;
  let failures = 0;
  let timer = 0;
  let leaving = false;

  function show(next: Partial<CompanionState>): void {
    const back = next.view === 'ready' && state.view !== 'ready';
    Object.assign(state, next);
    view.showBar(barContent(state));
    share();
    if (back) refreshStudio();
  }

  let shared = '';
  function share(asked = false): void {
    const detail: SharedState = { ...state, revision };
    const text = JSON.stringify(detail);
    if (text === shared && !asked) return;
    shared = text;
    window.dispatchEvent(new CustomEvent(STATE_EVENT, { detail }));
  }

  const isWaking = (): boolean => state.view === 'waking';

  async function wake(): Promise<void> {
    if (isWaking()) return;
    show({ view: 'waking' });
    let seen = await post('/api/workspace/wake');
    for (let attempt = 1; seen === 'waking' && isWaking() && attempt < WAKE_ATTEMPTS; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (isWaking()) seen = await post('/api/workspace/wake');
    }
    // It was heard meanwhile.
    if (!isWaking()) return;
    show({ view: seen === 'waking' ? 'asleep' : seen });
    reconnect(seen === 'ready' ? 0 : undefined);
  }

  function act(does: NonNullable<BarContent['action']>['does']): void {
    if (does === 'wake') void wake();
    else if (does === 'retry') reconnect(0);
    else location.assign(`/workspace?returnTo=${encodeURIComponent(location.pathname + location.search)}`);
  }

  async function reportActivity(): Promise<void> {
    const now = Date.now();
    if (leaving || !shouldReportActivity(now, { visible: !document.hidden, lastInput, lastReport })) return;
    lastReport = now;
    const seen = await post('/api/activity');
    if (seen !== 'ready' || state.view !== 'ready') show({ view: seen });
  }

  function onInput(event: Event): void {
    lastInput = Date.now();
    // Its own buttons say themselves what they do.
    if (view.contains(event)) return;
    // A click on a sleeping page is a person's wish to go on.
    if (state.view === 'asleep') void wake();
    else void reportActivity();
  }

  async function connect(): Promise<void> {
    if (document.hidden || connection || leaving) return;
    const current = new AbortController();
    connection = current;
    opened = false;
    const seen = await followEvents({
      signal: current.signal,
      silenceMs: SILENCE_MS,
      onOpen: () => {
        opened = true;
        failures = 0;
        show({ view: 'ready' });
      },
      onEvent: (event) => {
        const next = event.revision === undefined ? revision : String(event.revision);
        const changed = revision !== null && next !== revision;
        revision = next;
        show({ buildError: event.error ? describeSourceError(event.error) : null });
        if (changed) refreshStudio();
      },
    });
    if (connection !== current) return;
    connection = null;
    if (current.signal.aborted) return;
    if (state.view !== 'waking' || seen === 'ready') show({ view: seen });
    failures += 1;
    // Asleep is no failure to be hammered at: the click that wakes it connects at once.
    reconnect(seen === 'asleep' ? 30_000 : undefined);
  }

  function reconnect(afterMs = backoff(failures, Math.random())): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void connect(), afterMs);
  }

  /** Somebody else on the page was answered: an attempt that still waits, or is to come, is not waited for. */
  function onHeard(): void {
    if (!isSilent(state.view)) return;
    show({ view: 'ready' });
    if ((connection && opened) || Date.now() - lastHeard < HEARD_PAUSE_MS) return;
    lastHeard = Date.now();
    connection?.abort();
    connection = null;
    reconnect(0);
  }

  function onVisibility(): void {
    if (!document.hidden) return reconnect(0);
    // A hidden tab holds no connection: browsers allow six to one host.
    clearTimeout(timer);
    connection?.abort();
    connection = null;
  }

  for (const type of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    window.addEventListener(type, onInput, { passive: true, capture: true });
  }
  window.addEventListener(HEARD_EVENT, onHeard);
  window.addEventListener(STATE_QUESTION, () => share(true));
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('online', () => reconnect(0));
  window.addEventListener('offline', () => show({ view: 'offline' }));
  window.addEventListener(LEAVE_EVENT, () => {
    leaving = true;
    connection?.abort();
  });
  window.addEventListener('pagehide', () => connection?.abort());
  setInterval(() => void reportActivity(), 10_000);
  void readInfo().then((info) => view.showDemo(info?.demo === true));
  void connect();
}

/** Studio's queries refetch when the window says that it became visible. */
function refreshStudio(): void {
  window.dispatchEvent(new Event('visibilitychange'));
}

start();
