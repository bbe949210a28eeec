import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error that the person is told about: what happened, and what helps. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly next: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    { next, ...details }: { next?: string; [detail: string]: unknown } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.next = next;
    this.details = details;
  }
}

/** Answers with `{ error: { code, message, next? } }`. What nobody foresaw is logged, and told without its insides. */
export function answerError(error: Error, context: Context): Response {
  if (error instanceof ApiError) {
    const { status, code, message, next, details } = error;
    return context.json({ error: { code, message, ...(next === undefined ? {} : { next }), ...details } }, status);
  }
  if (error instanceof HTTPException) {
    return context.json({ error: { code: 'bad_request', message: error.message } }, error.status);
  }
  console.error('a request failed', error);
  return context.json(
    { error: { code: 'internal', message: 'The coding agent could not do this.', next: 'Try again.' } },
    500,
  );
}
