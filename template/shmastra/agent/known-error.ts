import type { Context } from 'hono';

/** Something a person can do something about: it is answered with these words, while a bug is only logged. */
export class KnownError extends Error {
  readonly status: 400 | 404 | 409 | 413 | 415 | 422 | 500 | 503;
  readonly code: string;
  /** What to do about it. */
  readonly next: string | undefined;

  constructor(status: KnownError['status'], code: string, message: string, next?: string) {
    super(message);
    this.name = 'KnownError';
    this.status = status;
    this.code = code;
    this.next = next;
  }
}

/** Answers an error of a route: a known one with its words, any other as a failure whose details stay in the log. */
export function answerError(error: unknown, context: Context): Response {
  if (error instanceof KnownError) {
    const { status, code, message, next } = error;
    return context.json({ error: { code, message, ...(next === undefined ? {} : { next }) } }, status);
  }
  console.error('A request failed.', error);
  return context.json({ error: { code: 'internal_error', message: 'Something went wrong. Nothing was lost.' } }, 500);
}
