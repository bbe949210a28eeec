/** The grammar of JSON's numbers, a byte at a time. */
export const NUMBER_START = 0;
const MINUS = 1;
const ZERO = 2;
const WHOLE = 3;
const POINT = 4;
const FRACTION = 5;
const EXPONENT = 6;
const EXPONENT_SIGN = 7;
const EXPONENT_DIGITS = 8;

/** The state after `byte`; -1 when the number cannot go on with it. */
export function nextInNumber(state: number, byte: number): number {
  const digit = byte >= 48 && byte <= 57;
  switch (state) {
    case NUMBER_START:
      if (byte === 45) return MINUS;
      return byte === 48 ? ZERO : digit ? WHOLE : -1;
    case MINUS:
      return byte === 48 ? ZERO : digit ? WHOLE : -1;
    case WHOLE:
      if (digit) return WHOLE;
      return afterWhole(byte);
    case ZERO:
      return afterWhole(byte);
    case POINT:
      return digit ? FRACTION : -1;
    case FRACTION:
      if (digit) return FRACTION;
      return isExponent(byte) ? EXPONENT : -1;
    case EXPONENT:
      if (byte === 43 || byte === 45) return EXPONENT_SIGN;
      return digit ? EXPONENT_DIGITS : -1;
    default:
      return digit ? EXPONENT_DIGITS : -1;
  }
}

/** Whether a number may end in this state. */
export function isWholeNumber(state: number): boolean {
  return state === ZERO || state === WHOLE || state === FRACTION || state === EXPONENT_DIGITS;
}

function afterWhole(byte: number): number {
  if (byte === 46) return POINT;
  return isExponent(byte) ? EXPONENT : -1;
}

function isExponent(byte: number): boolean {
  return byte === 101 || byte === 69;
}
