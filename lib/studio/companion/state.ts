/**
 * What the companion knows and what it shows of it: pure, so that it is tested without a browser.
 */
export type SandboxView =
  | 'ready'
  | 'asleep'
  | 'waking'
  | 'healing'
  | 'provisioning'
  | 'broken'
  | 'updating'
  /** The browser has a network, and no answer comes, or none that tells of the sandbox. */
  | 'unreachable'
  | 'offline';

export type BarContent = {
  /** Name of the shape; status is shape, colour and word. */
  shape: 'pause' | 'ring' | 'wrench' | 'octagon' | 'arrows' | 'cloud' | 'warning';
  tone: 'muted' | 'accent' | 'warn' | 'bad';
  text: string;
  action?: { label: string; does: 'wake' | 'open_workspace' | 'retry' };
};

export type CompanionState = {
  view: SandboxView;
  /** The app's last edit failed to build; the version before serves on. */
  buildError: string | null;
};

/** What the widget, and whoever else lives in Studio's page, is told of it. */
export type SharedState = CompanionState & {
  /** Of the app that is live; null until the sandbox's server told. It changes with every edit that went live. */
  revision: string | null;
};

/** `window` hears it at every change, with a SharedState as `detail`. */
export const STATE_EVENT = 'shmastra:state';
/** Whoever comes later asks by dispatching this at `window`; the answer is another STATE_EVENT. */
export const STATE_QUESTION = 'shmastra:state?';
/** Whoever was answered by the sandbox dispatches this at `window`: it is there, whatever was seen of it here. */
export const HEARD_EVENT = 'shmastra:heard';
/** Somebody who signs out dispatches this at `window` first: what is refused from then on is no reason to lead elsewhere. */
export const LEAVE_EVENT = 'shmastra:leave';

const BARS: Record<Exclude<SandboxView, 'ready'>, BarContent> = {
  asleep: {
    shape: 'pause',
    tone: 'muted',
    text: 'Your workspace is asleep. Everything is kept.',
    action: { label: 'Wake', does: 'wake' },
  },
  waking: { shape: 'ring', tone: 'accent', text: 'Waking' },
  healing: {
    shape: 'wrench',
    tone: 'warn',
    text: 'Your workspace is being repaired. Your work is committed.',
    action: { label: 'Details', does: 'open_workspace' },
  },
  provisioning: {
    shape: 'ring',
    tone: 'accent',
    text: 'Your workspace is being set up.',
    action: { label: 'Follow', does: 'open_workspace' },
  },
  broken: {
    shape: 'octagon',
    tone: 'bad',
    text: 'Your workspace needs an admin.',
    action: { label: 'Details', does: 'open_workspace' },
  },
  updating: {
    shape: 'arrows',
    tone: 'accent',
    text: 'Your workspace is being updated.',
    action: { label: 'Details', does: 'open_workspace' },
  },
  unreachable: {
    shape: 'cloud',
    tone: 'warn',
    text: 'Your workspace does not answer. Trying again.',
    action: { label: 'Retry', does: 'retry' },
  },
  offline: {
    shape: 'cloud',
    tone: 'muted',
    text: 'Offline. Your workspace goes on without this page.',
    action: { label: 'Retry', does: 'retry' },
  },
};

/** Whether the view is about a sandbox from which nothing is heard, so that hearing of it ends it. */
export function isSilent(view: SandboxView): boolean {
  return view === 'asleep' || view === 'waking' || view === 'unreachable';
}

/** The bar to show, or null for none. */
export function barContent(state: CompanionState): BarContent | null {
  if (state.view !== 'ready') return BARS[state.view];
  if (state.buildError === null) return null;
  return {
    shape: 'warning',
    tone: 'warn',
    text: `${firstLine(state.buildError)} The last good version is still live.`,
  };
}

/** `hello.ts:12 Unexpected "}"` for an error of the project's code. */
export function describeSourceError(error: { message?: unknown; file?: unknown; line?: unknown }): string {
  const message = typeof error.message === 'string' ? error.message : 'The last edit does not build';
  if (typeof error.file !== 'string') return message;
  const name = error.file.split('/').at(-1) ?? error.file;
  return `${name}${typeof error.line === 'number' ? `:${error.line}` : ''} ${message}`;
}

function firstLine(text: string): string {
  const line = (text.split('\n').find((part) => part.trim() !== '') ?? '').trim();
  const short = line.length > 140 ? `${line.slice(0, 139)}…` : line;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

const VIEW_OF_STATUS: Record<string, SandboxView> = {
  ready: 'ready',
  paused: 'asleep',
  healing: 'healing',
  provisioning: 'provisioning',
  broken: 'broken',
};

/** What an answer of the control plane says about the sandbox. */
export function viewOfAnswer(httpStatus: number, body: unknown): SandboxView {
  if (httpStatus >= 200 && httpStatus < 300) return 'ready';
  if (typeof body !== 'object' || body === null) return 'unreachable';
  const { error, status } = body as { error?: { code?: unknown }; status?: unknown };
  if (error?.code === 'sandbox_waking') return 'waking';
  return (typeof status === 'string' ? VIEW_OF_STATUS[status] : undefined) ?? 'unreachable';
}

/** Input within the last minute of a visible page counts as activity, told at most once a minute. Milliseconds. */
export const ACTIVITY_EVERY_MS = 60_000;

export function shouldReportActivity(now: number, facts: { visible: boolean; lastInput: number; lastReport: number }) {
  const { visible, lastInput, lastReport } = facts;
  return (
    visible && lastInput > lastReport && now - lastInput < ACTIVITY_EVERY_MS && now - lastReport >= ACTIVITY_EVERY_MS
  );
}

/** Wait before the next attempt to connect. Milliseconds. @param random 0 to 1 */
export function backoff(failures: number, random: number): number {
  const base = Math.min(1000 * 2 ** Math.max(0, failures - 1), 30_000);
  return base / 2 + (base / 2) * random;
}
