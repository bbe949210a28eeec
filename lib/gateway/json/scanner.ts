import { fromLatin1, latin1 } from './bytes.ts';
import { isWholeNumber, nextInNumber, NUMBER_START } from './number.ts';
import { CAPTURE_LIMIT, foldKey, type Watch } from './watch.ts';

export type ScanProblem = 'not_json' | 'too_deep' | 'duplicate_key' | 'ambiguous_key';

/** A watched value. `value` is undefined where only its presence is known. Offsets count bytes from the start. */
export type Found = { name: string; value: unknown; start: number; end: number };

/** Objects and arrays within each other, at most. */
export const MAX_DEPTH = 512;
/** Longest key that may be a watched one; an escaped character takes six bytes. */
const KEY_LIMIT = 256;

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
  /** Key that the problem is about. */
  problemKey: string | null = null;
  readonly #root: Watch;
  readonly #tell: (found: Found) => void;
  #state = VALUE;
  #depth = 0;
  /** Per open object or array. */
  #inObject: boolean[] = [];
  #watches: (Watch | null)[] = [];
  #seen: (Set<Watch> | null)[] = [];
  /** The watch of the value that comes next. */
  #next: Watch | null;
  #number = NUMBER_START;
  #literal = '';
  #literalAt = 0;
  #hexLeft = 0;
  #isKey = false;
  /** A key, or its part from earlier chunks; null when nobody asks for it. */
  #key: string | null = null;
  #keyStart = -1;
  #keyEscaped = false;
  #capturing: Watch | null = null;
  #captureDepth = 0;
  #captureStart = -1;
  #captureOffset = 0;
  #captured = '';
  #captureTooLong = false;
  #offset = 0;
  #doneAt = -1;

  constructor(root: Watch, tell: (found: Found) => void) {
    this.#root = root;
    this.#next = root;
    this.#tell = tell;
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
    this.problemKey = null;
    this.#state = VALUE;
    this.#depth = 0;
    this.#next = this.#root;
    this.#capturing = null;
    this.#captured = '';
    this.#key = null;
    this.#offset = 0;
    this.#doneAt = -1;
  }

  /** @returns false once there is a problem */
  write(chunk: Uint8Array, from = 0, to: number = chunk.length): boolean {
    if (this.problem !== null) return false;
    this.#captureStart = this.#capturing === null ? -1 : from;
    this.#keyStart = this.#key === null ? -1 : from;
    // Offsets of this chunk's bytes are `index + shift`.
    const shift = this.#offset - from;
    this.#scan(chunk, from, to, shift);
    if (this.problem !== null) return false;
    if (this.#keyStart >= 0) this.#keepKey(chunk, to);
    if (this.#captureStart >= 0) this.#keepCapture(chunk, to);
    this.#offset += to - from;
    return true;
  }

  /** Nothing follows. @returns whether the value was complete */
  end(): boolean {
    if (this.problem !== null) return false;
    if (this.#state === NUMBER && this.#depth === 0 && isWholeNumber(this.#number)) this.#closeValue(null, 0, 0);
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
            this.#keyEscaped = true;
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
    const inObject = this.#inObject[this.#depth - 1] === true;
    if (byte === 44) {
      this.#state = inObject ? KEY : VALUE;
      this.#next = inObject ? null : (this.#watches[this.#depth - 1]?.items ?? null);
    } else if (byte === (inObject ? 125 : 93)) this.#close(chunk, index, shift);
    else this.problem = 'not_json';
  }

  #openValue(index: number, byte: number, shift: number): void {
    const watch = this.#next;
    if (watch !== null && this.#capturing === null) {
      const offset = index + shift;
      if (watch.note !== undefined) this.#tell({ name: watch.note, value: undefined, start: offset, end: offset });
      if (watch.capture !== undefined) {
        this.#capturing = watch;
        this.#captureDepth = this.#depth;
        this.#captureStart = index;
        this.#captureOffset = offset;
        this.#captured = '';
        this.#captureTooLong = false;
      }
    }
    switch (byte) {
      case 34:
        this.#state = STRING;
        this.#isKey = false;
        return;
      case 123:
        return this.#open(true, watch);
      case 91:
        return this.#open(false, watch);
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
    if (this.#depth === MAX_DEPTH) {
      this.problem = 'too_deep';
      return;
    }
    this.#inObject[this.#depth] = isObject;
    this.#watches[this.#depth] = watch;
    this.#seen[this.#depth] = null;
    this.#depth++;
    this.#state = isObject ? KEY_OR_END : VALUE_OR_END;
    this.#next = isObject ? null : (watch?.items ?? null);
  }

  #close(chunk: Uint8Array, index: number, shift: number): void {
    this.#depth--;
    this.#closeValue(chunk, index + 1, shift);
  }

  /** @param end index after the value */
  #closeValue(chunk: Uint8Array | null, end: number, shift: number): void {
    if (this.#capturing !== null && this.#captureDepth === this.#depth) {
      if (chunk !== null) this.#keepCapture(chunk, end);
      const { capture: name = '' } = this.#capturing;
      const start = this.#captureOffset;
      const value = this.#captureTooLong ? undefined : parsed(this.#captured);
      const after = chunk === null ? this.#offset : end + shift;
      this.#capturing = null;
      this.#captureStart = -1;
      this.#captured = '';
      this.#tell({ name, value, start, end: after });
    }
    if (this.#depth > 0) {
      this.#state = AFTER;
      return;
    }
    this.#state = DONE;
    this.#doneAt = chunk === null ? this.#offset : end + shift;
  }

  #openKey(index: number, byte: number): void {
    if (byte !== 34) {
      this.problem = 'not_json';
      return;
    }
    this.#state = STRING;
    this.#isKey = true;
    const watch = this.#watches[this.#depth - 1];
    if (watch === null || watch === undefined || (watch.keys === undefined && watch.rest === undefined)) {
      this.#key = null;
      return;
    }
    this.#key = '';
    this.#keyStart = index + 1;
    this.#keyEscaped = false;
  }

  #closeKey(chunk: Uint8Array, end: number): void {
    this.#state = COLON;
    this.#next = null;
    if (this.#key === null) return;
    this.#keepKey(chunk, end);
    const raw = this.#key;
    this.#key = null;
    const watch = this.#watches[this.#depth - 1];
    if (watch) this.#next = this.#watchOf(watch, raw);
  }

  #watchOf(watch: Watch, raw: string): Watch | null {
    const rest = watch.rest ?? null;
    if (watch.keys === undefined || raw.length > KEY_LIMIT) return rest;
    let found = this.#keyEscaped ? undefined : watch.keys.get(raw);
    if (found === undefined && (this.#keyEscaped || !PLAIN_KEY.test(raw))) {
      const text = parsed(`"${raw}"`);
      if (typeof text === 'string') {
        found = watch.keys.get(text);
        if (found === undefined && watch.exact === true && isFolded(watch.keys, text)) {
          this.#fail('ambiguous_key', text);
        }
      } else if (watch.exact === true) this.#fail('not_json', null);
    }
    if (found === undefined) return rest;
    if (watch.exact !== true) return found;
    const seen = (this.#seen[this.#depth - 1] ??= new Set());
    if (seen.has(found)) this.#fail('duplicate_key', raw);
    seen.add(found);
    return found;
  }

  #fail(problem: ScanProblem, key: string | null): void {
    this.problem = problem;
    this.problemKey = key;
  }

  #keepKey(chunk: Uint8Array, end: number): void {
    // One byte more than the limit is enough to know that it is too long.
    const room = KEY_LIMIT + 1 - (this.#key?.length ?? 0);
    this.#key += latin1(chunk, this.#keyStart, Math.min(end, this.#keyStart + room));
    this.#keyStart = -1;
  }

  #keepCapture(chunk: Uint8Array, end: number): void {
    const start = this.#captureStart;
    this.#captureStart = -1;
    if (this.#captureTooLong) return;
    const limit = this.#capturing?.limit ?? CAPTURE_LIMIT;
    if (this.#captured.length + end - start > limit) {
      this.#captureTooLong = true;
      this.#captured = '';
    } else this.#captured += latin1(chunk, start, end);
  }
}

/** Keys of which no other spelling is one of ours, except by letters that are not here. */
const PLAIN_KEY = /^[a-z0-9_]*$/;

const foldedKeys = new WeakMap<ReadonlyMap<string, Watch>, ReadonlySet<string>>();

function isFolded(keys: ReadonlyMap<string, Watch>, text: string): boolean {
  let folded = foldedKeys.get(keys);
  if (folded === undefined) {
    folded = new Set([...keys.keys()].map(foldKey));
    foldedKeys.set(keys, folded);
  }
  return folded.has(foldKey(text));
}

/** The value of a piece of JSON in latin1 characters; undefined when it is not valid UTF-8. */
function parsed(raw: string): unknown {
  const text = fromLatin1(raw);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isEscape(byte: number): boolean {
  // " \ / b f n r t
  return (
    byte === 34 ||
    byte === 92 ||
    byte === 47 ||
    byte === 98 ||
    byte === 102 ||
    byte === 110 ||
    byte === 114 ||
    byte === 116
  );
}

function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70);
}
