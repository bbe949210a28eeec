/**
 * Whether Postgres refused what a row says (SQLSTATE class 22: a character or a number that it cannot hold), and not
 * because of itself. It will refuse that row for ever.
 */
export function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22');
}
