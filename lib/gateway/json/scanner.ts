import type { KeyProblem } from './keys.ts';
import { Nesting } from './nesting.ts';
import { isWholeNumber, nextInNumber, NUMBER_START } from './number.ts';
import { isEscape, isHex } from './strings.ts';
import { type Found, ValueCapture } from './value-capture.ts';
import type { Watch } from './watch.ts';

export type ScanProblem = KeyProblem | 'too_deep';

const VALUE = 0;
const VALUE_OR_END = 1;
const KEY_OR_END = 2;
const KEY = 3;
const COLON = 4;
const AFTER = 5;
const STRING = 6;
const ESCAPE = 7;
const HEX = 8;
const NUMBER = 9;
const LITERAL = 10;
const DONE = 11;

/**
 * Reads JSON as it comes in and tells the values that a Watch names, without keeping the rest. It takes exactly what RFC
 * 8259 allows in UTF-8 and nothing more, so that whoever reads the same bytes later reads the same values.
 */
export class JsonScanner {
  problem: ScanProblem | null = null;
  readonly #root: Watch;
  readonly #nesting = new Nesting();
  readonly #capture: ValueCapture;
  #state = VALUE;
  /** The watch of the value that comes next. */
  #next: Watch | null;
  #number = NUMBER_START;
  #literal = '';
  #literalAt = 0;
  #hexLeft = 0;
  #isKey = false;
  #offset = 0;
  #doneAt = -1;

  constructor(root: Watch, tell: (found: Found) => void) {
    this.#root = root;
    this.#next = root;
    this.#capture = new ValueCapture(tell);
  }

  /** Key that the problem is about. */
  get problemKey(): string | null {
    return this.#nesting.problemKey;
  }

  /** The value is complete; only white space may follow. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /** Offset after the last byte of the value, -1 before. */
  get doneAt(): number {
    return this.#doneAt;
  }

  /** Ready for another value. */
  reset(): void {
    this.problem = null;
    this.#state = VALUE;
    this.#nesting.reset();
    this.#next = this.#root;
    this.#capture.reset();
    this.#offset = 0;
    this.#doneAt = -1;
  }

  /** @returns false once there is a problem */
  write(chunk: Uint8Array, from = 0, to: number = chunk.length): boolean {
    if (this.problem !== null) return false;
    this.#capture.openChunk(from);
    this.#nesting.openChunk(from);
    // Offsets of this chunk's bytes are `index + shift`.
    const shift = this.#offset - from;
    this.#scan(chunk, from, to, shift);
    if (this.problem !== null) return false;
    this.#nesting.closeChunk(chunk, to);
    this.#capture.closeChunk(chunk, to);
    this.#offset += to - from;
    return true;
  }

  /** Nothing follows. @returns whether the value was complete */
  end(): boolean {
    if (this.problem !== null) return false;
    if (this.#state === NUMBER && this.#nesting.depth === 0 && isWholeNumber(this.#number))
      this.#closeValue(null, 0, 0);
    if (this.#state !== DONE) this.problem = 'not_json';
    return this.problem === null;
  }

  #scan(chunk: Uint8Array, from: number, to: number, shift: number): void {
    for (let index = from; index < to; index++) {
      let byte = chunk[index] ?? 0;
      switch (this.#state) {
        case STRING:
          while (byte !== 34 && byte !== 92 && byte >= 32) {
            if (++index === to) return;
            byte = chunk[index] ?? 0;
          }
          if (byte === 34) {
            if (this.#isKey) this.#closeKey(chunk, index);
            else this.#closeValue(chunk, index + 1, shift);
          } else if (byte === 92) {
            this.#state = ESCAPE;
            this.#nesting.keyEscaped = true;
          } else this.problem = 'not_json';
          break;
        case ESCAPE:
          if (byte === 117) {
            this.#state = HEX;
            this.#hexLeft = 4;
          } else if (isEscape(byte)) this.#state = STRING;
          else this.problem = 'not_json';
          break;
        case HEX:
          if (!isHex(byte)) this.problem = 'not_json';
          else if (--this.#hexLeft === 0) this.#state = STRING;
          break;
        case NUMBER: {
          const next = nextInNumber(this.#number, byte);
          if (next >= 0) {
            this.#number = next;
            break;
          }
          if (!isWholeNumber(this.#number)) {
            this.problem = 'not_json';
            break;
          }
          this.#closeValue(chunk, index, shift);
          this.#between(chunk, index, byte, shift);
          break;
        }
        case LITERAL:
          if (byte !== this.#literal.charCodeAt(this.#literalAt)) this.problem = 'not_json';
          else if (++this.#literalAt === this.#literal.length) this.#closeValue(chunk, index + 1, shift);
          break;
        default:
          this.#between(chunk, index, byte, shift);
      }
      if (this.problem !== null) return;
    }
  }

  /** A byte outside of strings, numbers and literals. */
  #between(chunk: Uint8Array, index: number, byte: number, shift: number): void {
    if (byte === 32 || byte === 10 || byte === 13 || byte === 9) return;
    switch (this.#state) {
      case VALUE_OR_END:
        if (byte === 93) return this.#close(chunk, index, shift);
        return this.#openValue(index, byte, shift);
      case VALUE:
        return this.#openValue(index, byte, shift);
      case KEY_OR_END:
        if (byte === 125) return this.#close(chunk, index, shift);
        return this.#openKey(index, byte);
      case KEY:
        return this.#openKey(index, byte);
      case COLON:
        if (byte === 58) this.#state = VALUE;
        else this.problem = 'not_json';
        return;
      case AFTER:
        return this.#afterValue(chunk, index, byte, shift);
      default:
        this.problem = 'not_json';
    }
  }

  #afterValue(chunk: Uint8Array, index: number, byte: number, shift: number): void {
    const { inObject } = this.#nesting;
    if (byte === 44) {
      this.#state = inObject ? KEY : VALUE;
      this.#next = inObject ? null : (this.#nesting.watch?.items ?? null);
    } else if (byte === (inObject ? 125 : 93)) this.#close(chunk, index, shift);
    else this.problem = 'not_json';
  }

  #openValue(index: number, byte: number, shift: number): void {
    const watch = this.#next;
    if (watch !== null) this.#capture.begin(watch, this.#nesting.depth, index, index + shift);
    switch (byte) {
      case 34:
        this.#state = STRING;
        this.#isKey = false;
        return;
      case 123:
      case 91:
        return this.#open(byte === 123, watch);
      case 116:
        return this.#openLiteral('true');
      case 102:
        return this.#openLiteral('false');
      case 110:
        return this.#openLiteral('null');
      default:
        this.#number = nextInNumber(NUMBER_START, byte);
        if (this.#number < 0) this.problem = 'not_json';
        this.#state = NUMBER;
    }
  }

  #openLiteral(literal: string): void {
    this.#literal = literal;
    this.#literalAt = 1;
    this.#state = LITERAL;
  }

  #open(isObject: boolean, watch: Watch | null): void {
    if (!this.#nesting.open(isObject, watch)) this.problem = 'too_deep';
    this.#state = isObject ? KEY_OR_END : VALUE_OR_END;
    this.#next = isObject ? null : (watch?.items ?? null);
  }

  #close(chunk: Uint8Array, index: number, shift: number): void {
    this.#nesting.depth--;
    this.#closeValue(chunk, index + 1, shift);
  }

  /** @param end index after the value */
  #closeValue(chunk: Uint8Array | null, end: number, shift: number): void {
    const after = chunk === null ? this.#offset : end + shift;
    const { depth } = this.#nesting;
    this.#capture.end(depth, chunk, end, after);
    this.#state = depth > 0 ? AFTER : DONE;
    if (depth === 0) this.#doneAt = after;
  }

  #openKey(index: number, byte: number): void {
    if (byte !== 34) this.problem = 'not_json';
    this.#state = STRING;
    this.#isKey = true;
    this.#nesting.beginKey(index + 1);
  }

  #closeKey(chunk: Uint8Array, end: number): void {
    this.#state = COLON;
    const found = this.#nesting.endKey(chunk, end);
    if (typeof found === 'string') this.problem = found;
    else this.#next = found;
  }
}
