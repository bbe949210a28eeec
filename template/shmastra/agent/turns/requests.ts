import { randomUUID } from 'node:crypto';
import { ApiError } from '../errors.ts';

type Open<T> = { resolve: (answer: T) => void; reject: (reason: Error) => void };

/** What a turn has asked the person and waits for. It may take hours; nothing is done meanwhile. */
export class Requests<T> {
  readonly #open = new Map<string, Open<T>>();

  get size(): number {
    return this.#open.size;
  }

  /** Waits for an answer, or until the turn ends. */
  async wait(id: string, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const onAbort = () => this.#open.get(id)?.reject(new Error('The turn was stopped.'));
    signal.addEventListener('abort', onAbort);
    try {
      return await new Promise<T>((resolve, reject) => this.#open.set(id, { resolve, reject }));
    } finally {
      this.#open.delete(id);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Throws `not_asked` when nobody waits for this answer (any more). */
  answer(id: string, answer: T): void {
    const open = this.#open.get(id);
    if (open === undefined) {
      throw new ApiError(409, 'not_asked', 'This has been answered already, or the turn has ended.', {
        next: 'Send your answer as a message.',
      });
    }
    open.resolve(answer);
  }
}

export const newRequestId = () => randomUUID();
