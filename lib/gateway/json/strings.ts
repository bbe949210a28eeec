/** The grammar of escapes in JSON's strings, a byte at a time: the state after the backslash. */
export const ESCAPE_START = 5;
/** The escape is complete. */
export const ESCAPE_END = 0;

/** The state after `byte`, which counts the digits that are to come; -1 when the escape cannot go on with it. */
export function nextInEscape(state: number, byte: number): number {
  if (state !== ESCAPE_START) return isHex(byte) ? state - 1 : -1;
  // `\u` takes four digits.
  if (byte === 117) return 4;
  return isEscape(byte) ? ESCAPE_END : -1;
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
