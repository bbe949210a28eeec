const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Characters that are made in one call: as many arguments fit on any stack. */
const AT_ONCE = 4096;

/** One character per byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let start = from; start < to; start += AT_ONCE) {
    // As it says of itself it takes an array; it takes any list of numbers, and a copy would take most of the time.
    const codes = bytes.subarray(start, Math.min(to, start + AT_ONCE)) as unknown as number[];
    text += String.fromCharCode.apply(null, codes);
  }
  return text;
}

// eslint-disable-next-line no-control-regex -- the range of ASCII is the purpose
const ASCII = /^[\u0000-\u007f]*$/;

/** The text whose UTF-8 bytes `latin1` has as characters, or null when they are none. */
export function fromLatin1(text: string): string | null {
  if (ASCII.test(text)) return text;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** The value of a piece of JSON in latin1 characters; undefined when it is not valid UTF-8. */
export function parsed(raw: string): unknown {
  const text = fromLatin1(raw);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
