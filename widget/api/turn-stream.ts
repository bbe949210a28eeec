import type { UIMessageChunk } from 'ai';
import { backoff, pause } from './backoff.ts';
import type { Fetch } from './client.ts';
import { readEventStream } from './event-stream.ts';
import { toFailure, type ApiFailure } from './failure.ts';
import { mergeDeltas } from './merge-deltas.ts';

export type StreamConnection = 'live' | 'reconnecting';

export type TurnStreamOptions = {
  fetch: Fetch;
  /** Address of the stream without its query. */
  url: string;
  signal: AbortSignal;
  /** Calls back when an attempt to reconnect is worth it at once. */
  hurry: (callback: () => void) => () => void;
  onConnection: (connection: StreamConnection) => void;
  /** Of the wait between attempts; tests make it short. */
  wait?: (failures: number) => number;
};

/** How long chunks are gathered before they are passed on. Milliseconds. */
const GATHER_MS = 40;
/** An hour of half minutes. */
const MAX_FAILURES = 120;

/**
 * The chunks of a turn as one stream that outlives its connections: after a loss it goes on behind the last sequence
 * number it saw, and drops what it has seen. Closes at the turn's end, fails when the turn is gone or refused.
 */
export function turnStream(options: TurnStreamOptions): ReadableStream<UIMessageChunk> {
  return new ReadableStream<UIMessageChunk>({
    start: (controller) => void run(options, controller),
  });
}

async function run(
  options: TurnStreamOptions,
  controller: ReadableStreamDefaultController<UIMessageChunk>,
): Promise<void> {
  const wait = options.wait ?? ((failures: number) => backoff(failures, Math.random()));
  const gather = gatherer((chunk) => controller.enqueue(chunk));
  const place = { last: 0, ended: false };
  let failures = 0;
  while (!place.ended && !options.signal.aborted) {
    const before = place.last;
    const failure = await connect(options, place, gather.add);
    if (place.ended || options.signal.aborted) break;
    failures = place.last > before ? 1 : failures + 1;
    if (isFinal(failure) || failures > MAX_FAILURES) {
      gather.flush();
      return controller.error(failure ?? new Error('The connection was lost too often.'));
    }
    options.onConnection('reconnecting');
    await pause(wait(failures), options.signal, options.hurry);
  }
  gather.flush();
  controller.close();
}

/** Follows one connection to its end. Returns why it ended, or null when it was closed. */
async function connect(
  options: TurnStreamOptions,
  place: { last: number; ended: boolean },
  add: (chunk: UIMessageChunk) => void,
): Promise<ApiFailure | null> {
  const done = new AbortController();
  try {
    await readEventStream({
      fetch: options.fetch,
      url: `${options.url}?after=${place.last}`,
      signal: AbortSignal.any([options.signal, done.signal]),
      onOpen: () => options.onConnection('live'),
      onEvent: (event) => {
        if (event.data === '[DONE]') {
          place.ended = true;
          return done.abort();
        }
        const sequence = Number(event.id);
        if (Number.isSafeInteger(sequence) && event.id !== undefined) {
          if (sequence <= place.last) return;
          place.last = sequence;
        }
        const chunk = parseChunk(event.data);
        if (chunk) add(chunk);
      },
    });
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

function gatherer(emit: (chunk: UIMessageChunk) => void) {
  let gathered: UIMessageChunk[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const chunks = mergeDeltas(gathered);
    gathered = [];
    for (const chunk of chunks) emit(chunk);
  };
  const add = (chunk: UIMessageChunk): void => {
    gathered.push(chunk);
    timer ??= setTimeout(flush, GATHER_MS);
  };
  return { add, flush };
}

function parseChunk(data: string): UIMessageChunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return isChunk(value) ? value : null;
  } catch {
    return null;
  }
}

/** The AI SDK's reader checks each kind of chunk against what came before it; here only that it is one. */
function isChunk(value: unknown): value is UIMessageChunk {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Trying again does not help: signed out, another version, or the turn is not known (404). */
function isFinal(failure: ApiFailure | null): boolean {
  return failure !== null && failure.kind !== 'offline' && failure.kind !== 'unavailable';
}
