import { randomUUID } from 'node:crypto';

const ACCEPTED = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's request id when it has the shape of one, else a new one. It goes from the browser to the provider. */
export function requestId(given: string | string[] | undefined, random: () => string = randomUUID): string {
  return typeof given === 'string' && ACCEPTED.test(given) ? given : random();
}
