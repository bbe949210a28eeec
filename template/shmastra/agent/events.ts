import { EventEmitter, on } from 'node:events';
import type { Outcome } from './turns/turn.ts';

export type AgentEvent =
  | {
      type: 'turn';
      sessionId: string;
      turnId: string;
      state: 'started' | 'asking' | 'ended';
      title: string;
      outcome?: Outcome;
    }
  | { type: 'history' }
  | { type: 'sessions' };

const MAX_FOLLOWERS = 32;

/** What happens in the workspace, for all tabs that are open. */
export class AgentEvents {
  readonly #emitter = new EventEmitter<{ event: [AgentEvent] }>();
  #followers = 0;

  constructor() {
    this.#emitter.setMaxListeners(MAX_FOLLOWERS + 1);
  }

  get full(): boolean {
    return this.#followers >= MAX_FOLLOWERS;
  }

  emit(event: AgentEvent): void {
    this.#emitter.emit('event', event);
  }

  async *follow(signal: AbortSignal): AsyncGenerator<AgentEvent> {
    this.#followers++;
    try {
      for await (const [event] of on(this.#emitter, 'event', { signal }) as AsyncIterable<[AgentEvent]>) yield event;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#followers--;
    }
  }
}
