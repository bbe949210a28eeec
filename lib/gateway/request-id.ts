const ACCEPTED = /^[A-Za-z0-9._-]{8,64}$/;

export function isRequestId(value: string): boolean {
  return ACCEPTED.test(value);
}

/** The caller's request id when it has the shape of one, else a new one. */
export function requestIdOf(given: string | null): string {
  return given !== null && isRequestId(given) ? given : crypto.randomUUID();
}
