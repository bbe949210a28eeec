import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { API_HEADERS, type Fetch } from './client.ts';
import { failureOf, offlineFailure } from './failure.ts';

/** The agent sends a comment every 20 s; without a byte for three times that the connection is dead. */
const SILENCE_MS = 60_000;
/** Characters of one event. A diff part is at most 40,000. */
const MAX_EVENT = 4_000_000;

/**
 * One connection to an event stream, by fetch because EventSource sends no headers and hides refusals. Returns when the
 * other end closes; throws ApiFailure when it refuses or is lost.
 */
export async function readEventStream(options: {
  fetch: Fetch;
  url: string;
  signal: AbortSignal;
  onOpen: () => void;
  onEvent: (event: EventSourceMessage) => void;
}): Promise<void> {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  };
  try {
    const answer = await options.fetch(options.url, {
      headers: { ...API_HEADERS, accept: 'text/event-stream' },
      signal: AbortSignal.any([options.signal, quiet.signal]),
    });
    if (!answer.ok || !answer.body) {
      throw failureOf(answer.status, await answer.json().catch(() => null), answer.headers.get('retry-after'));
    }
    options.onOpen();
    const parser = createParser({ onEvent: options.onEvent, maxBufferSize: MAX_EVENT });
    const decoder = new TextDecoder();
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    if (options.signal.aborted) return;
    if (error instanceof TypeError || quiet.signal.aborted) throw offlineFailure();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
