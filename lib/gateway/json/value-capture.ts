import { latin1, parsed } from './bytes.ts';
import { CAPTURE_LIMIT, type Watch } from './watch.ts';

/** A watched value. `value` is undefined where only its presence is known. Offsets count bytes from the start. */
export type Found = { name: string; value: unknown; start: number; end: number };

/** Collects the watched values over the chunks in which they come, one after the other, and tells them. */
export class ValueCapture {
  readonly #tell: (found: Found) => void;
  /** Of the value that is collected; null while none is. */
  #watch: Watch | null = null;
  /** Objects and arrays around the value. */
  #depth = 0;
  /** Index in this chunk from which bytes are still to be kept; -1 for none. */
  #from = -1;
  #offset = 0;
  #text = '';
  #tooLong = false;

  constructor(tell: (found: Found) => void) {
    this.#tell = tell;
  }

  /** A watched value begins. @param offset of its first byte, which is at `index` in this chunk */
  begin(watch: Watch, depth: number, index: number, offset: number): void {
    // What is in a value that is collected is told with it.
    if (this.#watch !== null) return;
    if (watch.note !== undefined) this.#tell({ name: watch.note, value: undefined, start: offset, end: offset });
    if (watch.capture === undefined) return;
    this.#watch = watch;
    this.#depth = depth;
    this.#from = index;
    this.#offset = offset;
    this.#text = '';
    this.#tooLong = false;
  }

  openChunk(from: number): void {
    this.#from = this.#watch === null ? -1 : from;
  }

  closeChunk(chunk: Uint8Array, to: number): void {
    if (this.#from >= 0) this.#keep(chunk, to);
  }

  /**
   * A value has ended.
   * @param end index after its last byte in the chunk; without a chunk all of it was kept before
   * @param after offset of the same
   */
  end(depth: number, chunk: Uint8Array | null, end: number, after: number): void {
    if (this.#watch === null || this.#depth !== depth) return;
    if (chunk !== null) this.#keep(chunk, end);
    const { capture: name = '' } = this.#watch;
    const value = this.#tooLong ? undefined : parsed(this.#text);
    this.reset();
    this.#tell({ name, value, start: this.#offset, end: after });
  }

  reset(): void {
    this.#watch = null;
    this.#from = -1;
    this.#text = '';
  }

  #keep(chunk: Uint8Array, end: number): void {
    const start = this.#from;
    this.#from = -1;
    if (this.#tooLong) return;
    const limit = this.#watch?.limit ?? CAPTURE_LIMIT;
    if (this.#text.length + end - start > limit) {
      this.#tooLong = true;
      this.#text = '';
    } else this.#text += latin1(chunk, start, end);
  }
}
