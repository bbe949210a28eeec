/** Text in UTF-8, in UTF-16 with its mark, or in the encoding of old Windows files; undefined for what is no text. */
export function decodeText(bytes: Buffer, whole = true): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode('utf-16le', bytes, whole);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode('utf-16be', bytes, whole);
  const text = decode('utf-8', bytes, whole) ?? decode('windows-1252', bytes, whole);
  return text !== undefined && isReadable(text) ? text : undefined;
}

function decode(encoding: string, bytes: Buffer, whole: boolean): string | undefined {
  try {
    // The beginning of a file may end within a character.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    return undefined;
  }
}

/** Binary files hold zeros and other control characters; text has no use for them, terminals' colours aside. */
// oxlint-disable-next-line no-control-regex
const isReadable = (text: string) => !/[\u0000-\u0006\u000e-\u001a\u001c-\u001f\u0080-\u009f]/.test(text);
