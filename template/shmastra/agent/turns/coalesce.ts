import type { Chunk } from './chunks.ts';

type Delta = Extract<Chunk, { type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta' }>;

/** Long enough to join what a fast model sends, too short for a reader to see. */
const WAIT_MS = 30;
/** A piece is sent on as soon as it has grown to so many characters. */
const MAX_CHARACTERS = 4000;

/** Joins pieces of text that follow each other closely, since each chunk is kept, sent and parsed on its own. */
export class Coalescer {
  readonly #emit: (chunk: Chunk) => void;
  #pending: Delta | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (chunk: Chunk) => void) {
    this.#emit = emit;
  }

  push(chunk: Chunk): void {
    if (!isDelta(chunk)) {
      this.flush();
      this.#emit(chunk);
      return;
    }
    const joined = this.#pending === undefined ? undefined : join(this.#pending, chunk);
    if (joined === undefined) {
      this.flush();
      this.#pending = chunk;
    } else {
      this.#pending = joined;
    }
    if (textOf(this.#pending).length >= MAX_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#emit(pending);
  }
}

function isDelta(chunk: Chunk): chunk is Delta {
  return chunk.type === 'text-delta' || chunk.type === 'reasoning-delta' || chunk.type === 'tool-input-delta';
}

const textOf = (chunk: Delta) => (chunk.type === 'tool-input-delta' ? chunk.inputTextDelta : chunk.delta);

/** The two as one, or undefined when they belong to different parts. */
function join(first: Delta, second: Delta): Delta | undefined {
  if (first.type === 'tool-input-delta') {
    if (second.type !== 'tool-input-delta' || second.toolCallId !== first.toolCallId) return undefined;
    return { ...first, inputTextDelta: first.inputTextDelta + second.inputTextDelta };
  }
  if (second.type !== first.type || second.id !== first.id) return undefined;
  return { ...first, delta: first.delta + second.delta };
}
