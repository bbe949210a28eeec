import { latin1 } from './bytes.ts';
import { KEY_LIMIT, type KeyProblem, keyText, watchOfKey } from './keys.ts';
import type { Watch } from './watch.ts';

/** Objects and arrays within each other, at most. */
export const MAX_DEPTH = 512;

/** The objects and arrays that are open, what is watched in each, and the key that is read in the innermost. */
export class Nesting {
  depth = 0;
  /** Key that a problem is about. */
  problemKey: string | null = null;
  /** The key has an escape. Whoever reads it sets this. */
  keyEscaped = false;
  readonly #watches: (Watch | null)[] = [];
  /** The watched keys that came in each object, null before the first. Undefined for an array. */
  readonly #seen: (Set<Watch> | null | undefined)[] = [];
  /** The key, or its part from earlier chunks; null when nobody asks for it. */
  #key: string | null = null;
  /** Index in this chunk from which the key is still to be kept; -1 for none. */
  #keyFrom = -1;

  /** Of the innermost. */
  get watch(): Watch | null {
    return this.#watches[this.depth - 1] ?? null;
  }

  get inObject(): boolean {
    return this.#seen[this.depth - 1] !== undefined;
  }

  /** @returns false when it is too deep */
  open(isObject: boolean, watch: Watch | null): boolean {
    if (this.depth === MAX_DEPTH) return false;
    this.#watches[this.depth] = watch;
    this.#seen[this.depth] = isObject ? null : undefined;
    this.depth++;
    return true;
  }

  reset(): void {
    this.depth = 0;
    this.problemKey = null;
    this.#key = null;
  }

  openChunk(from: number): void {
    this.#keyFrom = this.#key === null ? -1 : from;
  }

  closeChunk(chunk: Uint8Array, to: number): void {
    if (this.#keyFrom >= 0) this.#keepKey(chunk, to);
  }

  /** @param index after the opening quote */
  beginKey(index: number): void {
    const { watch } = this;
    if (watch === null || (watch.keys === undefined && watch.rest === undefined)) {
      this.#key = null;
      return;
    }
    this.#key = '';
    this.#keyFrom = index;
    this.keyEscaped = false;
  }

  /** @param end index of the closing quote. @returns what is watched of the key's value */
  endKey(chunk: Uint8Array, end: number): Watch | null | KeyProblem {
    const { watch } = this;
    if (this.#key === null || watch === null) return null;
    this.#keepKey(chunk, end);
    const raw = this.#key;
    this.#key = null;
    const found = watchOfKey(watch, raw, this.keyEscaped);
    if (found === undefined) return watch.rest ?? null;
    if (typeof found === 'string') {
      this.problemKey = found === 'ambiguous_key' ? keyText(raw) : null;
      return found;
    }
    if (watch.exact !== true) return found;
    const seen = (this.#seen[this.depth - 1] ??= new Set());
    if (seen.has(found)) {
      this.problemKey = raw;
      return 'duplicate_key';
    }
    seen.add(found);
    return found;
  }

  #keepKey(chunk: Uint8Array, end: number): void {
    // One byte more than the limit is enough to know that it is too long.
    const room = KEY_LIMIT + 1 - (this.#key?.length ?? 0);
    this.#key += latin1(chunk, this.#keyFrom, Math.min(end, this.#keyFrom + room));
    this.#keyFrom = -1;
  }
}
