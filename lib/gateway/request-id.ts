const ACCEPTED = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's request id when it has the shape of one, else a new one. */
export function requestIdOf(given: string | null): string {
  return given !== null && ACCEPTED.test(given) ? given : crypto.randomUUID();
}
