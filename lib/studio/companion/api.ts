import { viewOfAnswer, type SandboxView } from './state.ts';

export type WorkspaceInfo = { demo: boolean };

/** GET /api/workspace/info, or null when it cannot be had. */
export async function readInfo(): Promise<WorkspaceInfo | null> {
  try {
    const answer = await fetch('/api/workspace/info', { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) return null;
    const info = (await answer.json()) as { demo?: unknown };
    return { demo: info.demo === true };
  } catch {
    return null;
  }
}

/** Tells of a person at the page; wakes the sandbox when it sleeps. Returns what is known of the sandbox then. */
export async function post(path: '/api/activity' | '/api/workspace/wake'): Promise<SandboxView> {
  try {
    const answer = await fetch(path, { method: 'POST', signal: AbortSignal.timeout(15_000) });
    if (answer.status === 401) return signedOut();
    return viewOfAnswer(answer.status, await answer.json().catch(() => null));
  } catch {
    return withoutAnswer();
  }
}

export type SourceError = { message?: unknown; file?: unknown; line?: unknown };

/** State of the sandbox's server; `error` is about code that could not go live. */
export type AppEvent = { state?: string; error?: SourceError; revision?: unknown };

/**
 * One connection to the events of the sandbox's server. By fetch rather than EventSource, because the refusal's body
 * says what the sandbox is doing.
 */
export async function followEvents(options: {
  signal: AbortSignal;
  /** Without a byte for so long the connection counts as lost. Milliseconds. */
  silenceMs: number;
  onOpen: () => void;
  onEvent: (event: AppEvent) => void;
}): Promise<SandboxView> {
  const quiet = new AbortController();
  let timer = 0;
  const heard = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => quiet.abort(), options.silenceMs);
  };
  heard();
  try {
    const signal = AbortSignal.any([options.signal, quiet.signal]);
    const answer = await fetch('/api/mastra/__shmastra/events', { headers: { accept: 'text/event-stream' }, signal });
    if (answer.status === 401) return signedOut();
    if (!answer.ok || !answer.body) return viewOfAnswer(answer.status, await answer.json().catch(() => null));
    options.onOpen();
    await readEvents(answer.body, options.onEvent, heard);
    return 'ready';
  } catch {
    return options.signal.aborted || quiet.signal.aborted ? 'ready' : withoutAnswer();
  } finally {
    clearTimeout(timer);
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: AppEvent) => void,
  heard: () => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, 65_536);
    for (const line of lines) if (line.startsWith('data:')) emit(line.slice(5), onEvent);
  }
}

function emit(data: string, onEvent: (event: AppEvent) => void): void {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === 'object' && value !== null) onEvent(value);
  } catch {
    // not for us
  }
}

/** Without a network the browser says so; else it is the other side that does not answer. */
function withoutAnswer(): SandboxView {
  return navigator.onLine ? 'unreachable' : 'offline';
}

/** Never settles: the page is left. */
function signedOut(): Promise<never> {
  const here = `${location.pathname}${location.search}`;
  location.assign(`/sign-in?notice=signed_out&returnTo=${encodeURIComponent(here)}`);
  return new Promise(() => {});
}
