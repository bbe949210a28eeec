import { backoff, pause } from './backoff.ts';
import { API_BASE, type Fetch } from './client.ts';
import { readEventStream } from './event-stream.ts';
import { toFailure } from './failure.ts';
import { agentEventSchema, type AgentEvent } from './shapes.ts';

/** Follows what happens in other tabs until aborted. After each reconnection `onOpen` is told, since events were missed. */
export async function followAgentEvents(options: {
  fetch: Fetch;
  signal: AbortSignal;
  hurry: (callback: () => void) => () => void;
  onOpen: () => void;
  onEvent: (event: AgentEvent) => void;
  base?: string;
}): Promise<void> {
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      await readEventStream({
        fetch: options.fetch,
        url: `${options.base ?? API_BASE}/events`,
        signal: options.signal,
        onOpen: () => {
          failures = 0;
          options.onOpen();
        },
        onEvent: (event) => {
          const parsed = parse(event.data);
          if (parsed) options.onEvent(parsed);
        },
      });
    } catch (error) {
      const { kind } = toFailure(error);
      if (kind !== 'offline' && kind !== 'unavailable') return;
    }
    failures += 1;
    await pause(backoff(failures + 1, Math.random()), options.signal, options.hurry);
  }
}

function parse(data: string): AgentEvent | null {
  try {
    const parsed = agentEventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
