import { readUIMessageStream, type UIMessage } from 'ai';
import { messageSchema, type ChatMessage } from '../api/shapes.ts';
import { toFailure, type ApiFailure } from '../api/failure.ts';
import { turnStream } from '../api/turn-stream.ts';
import type { ChatContext } from './context.ts';
import { commitOf, turnOf } from './message.ts';

/** How often a growing answer is drawn. Milliseconds. */
const DRAW_MS = 50;

/**
 * Follows a turn to its end and keeps its answer in the state. Returns null when it ended, or why it cannot be followed
 * any more. Joining a turn that runs replays it from the start.
 */
export async function followTurn(
  context: ChatContext,
  turn: { sessionId: string; turnId: string; shownId: string },
  signal: AbortSignal,
): Promise<ApiFailure | null> {
  const refreshed = new Set<string>();
  const draw = paced(DRAW_MS, (message: ChatMessage) => {
    if (signal.aborted) return;
    context.heard();
    update(context, turn.turnId, { message });
    const commit = commitOf(message);
    if (commit?.live && !refreshed.has(commit.hash)) {
      refreshed.add(commit.hash);
      context.refreshPage();
    }
  });
  let failure: ApiFailure | null = null;
  const stream = turnStream({
    fetch: context.fetch,
    url: `${context.base}/sessions/${encodeURIComponent(turn.sessionId)}/turns/${encodeURIComponent(turn.turnId)}/stream`,
    signal,
    hurry: context.hurry,
    onConnection: (connection) => update(context, turn.turnId, { connection }),
  });
  const onError = (error: unknown): void => {
    failure ??= toFailure(error);
  };
  try {
    for await (const snapshot of readUIMessageStream({ stream, onError, terminateOnError: false })) {
      const message = shown(snapshot, turn.shownId);
      if (message) draw.next(message);
    }
  } catch (error) {
    onError(error);
  }
  draw.flush();
  return signal.aborted ? null : failure;
}

function update(
  context: ChatContext,
  turnId: string,
  change: { message?: ChatMessage; connection?: 'live' | 'reconnecting' },
): void {
  context.store.setState((state) => {
    if (state.turn?.turnId !== turnId) return state;
    const startedAt =
      change.message && state.turn.joined ? Date.parse(turnOf(change.message)?.startedAt ?? '') : Number.NaN;
    // Clocks that disagree must not give a time to come.
    const since = Number.isNaN(startedAt) ? state.turn.since : Math.min(state.turn.since, startedAt);
    return { turn: { ...state.turn, ...change, since } };
  });
}

function shown(snapshot: UIMessage, id: string): ChatMessage | null {
  const parsed = messageSchema.safeParse(snapshot);
  return parsed.success ? { ...parsed.data, id } : null;
}

/** Passes on the latest value at most once per interval, and the last one always. */
function paced<T>(intervalMs: number, emit: (value: T) => void) {
  let latest: { value: T } | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (latest) emit(latest.value);
    latest = null;
  };
  return {
    flush,
    next(value: T): void {
      latest = { value };
      timer ??= setTimeout(flush, intervalMs);
    },
  };
}
