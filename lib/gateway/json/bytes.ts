const utf8 = new TextDecoder('utf-8', { fatal: true });

/** One character per byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) text += String.fromCharCode(bytes[index] ?? 0);
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
