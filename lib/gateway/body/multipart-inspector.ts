import { fromLatin1 } from '../json/bytes.ts';
import type { GatewayError } from '../errors.ts';
import { isModelName, MODEL_NAME_RULE } from '../model-name.ts';
import { type BodyInspector, invalidBody, noFacts } from './facts.ts';

/** Fields of forms that decide something here. */
const WATCHED = new Set(['model', 'stream', 'n']);
/** Longest value of such a field, longest head of a part. Bytes. */
const VALUE_LIMIT = 256;
const HEAD_LIMIT = 1024;
const PARTS = 64;

/** Forms are read the strict way only: what some receivers would repair is refused. */
const TYPE = /^multipart\/form-data; *boundary=(?:"([A-Za-z0-9'()+_,./:=?-]{1,70})"|([A-Za-z0-9'+_.-]{1,70}))$/i;
const DISPOSITION =
  /^content-disposition: form-data; name="([^"\\%\r\n]{1,100})"(?:; filename="([^"\\\r\n]{0,255})")?(?:; filename\*=utf-8''[^;\r\n]{0,700})?$/i;
const OTHER_HEADER = /^(?:content-type: [^\r\n]{1,200}|content-length: \d{1,12})$/i;

/** The boundary of a form's content type, or null when it is none that we read. */
export function boundaryOf(contentType: string): string | null {
  const match = TYPE.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

const START = 0;
const AFTER_BOUNDARY = 1;
const HEAD = 2;
const CONTENT = 3;
const END = 4;

/** Reads the few fields of a form that matter while its files pass by. */
export function createMultipartInspector(boundary: string): BodyInspector {
  const facts = noFacts();
  const delimiter = `\r\n--${boundary}`;
  const seen = new Set<string>();
  let state = START;
  let parts = 0;
  /** Text of the state so far, one character per byte: a head, or what follows a boundary. */
  let text = '\r\n';
  let field: string | null = null;
  let value = '';
  /** Bytes of the delimiter that the content's last bytes are equal to. */
  let matched = 0;
  let refusal: GatewayError | null = null;
  let size = 0;
  let doneAt = -1;
  const bad = (): GatewayError => invalidBody('The form is not written in the usual way.');

  function step(byte: number): GatewayError | null {
    switch (state) {
      case START:
        text += String.fromCharCode(byte);
        if (!delimiter.startsWith(text)) return bad();
        if (text === delimiter) enter(AFTER_BOUNDARY);
        return null;
      case AFTER_BOUNDARY:
        text += String.fromCharCode(byte);
        if (text === '\r\n') enter(HEAD);
        else if (text === '--') enter(END);
        else if (text !== '\r' && text !== '-') return bad();
        return null;
      case HEAD:
        text += String.fromCharCode(byte);
        if (text.length > HEAD_LIMIT) return bad();
        return text.endsWith('\r\n\r\n') ? openPart(text.slice(0, -4)) : null;
      case END:
        text += String.fromCharCode(byte);
        return text === '\r' || text === '\r\n' ? null : bad();
      default:
        return null;
    }
  }

  function enter(next: number): void {
    state = next;
    text = '';
    if (next === END) doneAt = size;
  }

  function openPart(head: string): GatewayError | null {
    if (++parts > PARTS) return invalidBody(`The form has more than ${PARTS} fields.`);
    const [first = '', ...others] = head.split('\r\n');
    const disposition = DISPOSITION.exec(first);
    if (disposition === null || others.length > 2 || !others.every((line) => OTHER_HEADER.test(line))) return bad();
    const name = (disposition[1] ?? '').replace(/\[\]$/, '');
    const watched = WATCHED.has(name.toLowerCase());
    if (
      watched &&
      (name !== name.toLowerCase() || seen.has(name) || disposition[2] !== undefined || disposition[1] !== name)
    ) {
      return invalidBody(`The form has "${name}" twice or in an unusual form.`);
    }
    seen.add(name);
    field = watched ? name : null;
    value = '';
    matched = 0;
    enter(CONTENT);
    return null;
  }

  /** Runs through the content up to the next boundary. @returns the index behind what was read */
  function content(chunk: Uint8Array, from: number): number {
    let index = from;
    for (; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (matched === 0 && byte !== 13) {
        if (field !== null) value += String.fromCharCode(byte);
      } else if (byte === delimiter.charCodeAt(matched)) {
        if (++matched === delimiter.length) return closePart(index + 1);
      } else {
        // CR is at the delimiter's start alone, so a broken match can only begin anew at this byte.
        if (field !== null) value += delimiter.slice(0, matched);
        matched = byte === 13 ? 1 : 0;
        if (matched === 0 && field !== null) value += String.fromCharCode(byte);
      }
      if (value.length > VALUE_LIMIT) {
        refusal = invalidBody(`"${field}" is too long.`);
        return index + 1;
      }
    }
    return index;
  }

  function closePart(end: number): number {
    const given = fromLatin1(value);
    if (field !== null && given === null) refusal = bad();
    if (field === 'model') {
      if (isModelName(given)) facts.model = given;
      else refusal = invalidBody(MODEL_NAME_RULE);
    }
    if (field === 'stream') facts.stream = given === 'true' || given === 'True' || given === '1';
    if (field === 'n') {
      const count = Number(given);
      if (Number.isSafeInteger(count) && count >= 0) facts.count = count;
      else refusal = invalidBody('"n" is not a whole number.');
    }
    enter(AFTER_BOUNDARY);
    return end;
  }

  return {
    facts,
    storedIds: [],
    get doneAt() {
      return doneAt;
    },
    write: (chunk) => {
      const base = size;
      for (let index = 0; index < chunk.length && refusal === null;) {
        if (state === CONTENT) index = content(chunk, index);
        else {
          size = base + index + 1;
          refusal = step(chunk[index] ?? 0);
          index++;
        }
      }
      size = base + chunk.length;
      return refusal;
    },
    end: () => refusal ?? (state === END ? null : bad()),
    edit: () => null,
  };
}
