/** Whether `\` and this byte are an escape in a string. `\u` is apart: four digits follow it. */
export function isEscape(byte: number): boolean {
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

export function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70);
}
