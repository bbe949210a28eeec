/**
 * What may be the name of a model: printable ASCII without blanks, as all providers write them. A name goes into the
 * books, and Postgres refuses some characters that JSON has (NUL, half a surrogate pair).
 */
const MODEL_NAME = /^[\x21-\x7e]{1,250}$/;

export const MODEL_NAME_RULE = '"model" is not a name of 1 to 250 printable ASCII characters without blanks.';

export function isModelName(value: unknown): value is string {
  return typeof value === 'string' && MODEL_NAME.test(value);
}
