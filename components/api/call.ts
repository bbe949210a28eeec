import * as z from 'zod/mini';

/** An error as our APIs tell it, with the wait that a rate limit asks for. */
export type ApiError = {
  code: string;
  message: string;
  next?: string | undefined;
  retryAfterSeconds?: number | undefined;
};
export type ApiResult<T> = { ok: true; value: T } | { ok: false; error: ApiError };

const errorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), next: z.optional(z.string()) }),
});

/** Hashing a password and a busy machine fit in; a server that is gone does not. */
const LIMIT_MILLISECONDS = 20_000;
const MAX_WAIT_SECONDS = 3_600;

/** Calls one of our JSON routes. Never throws: a lost connection is an error with a next step like any other. */
export async function callApi<T>(
  method: 'GET' | 'POST' | 'DELETE' | 'PATCH',
  path: string,
  answer: { parse(value: unknown): T },
  body?: unknown,
  fetcher: typeof fetch = fetch,
): Promise<ApiResult<T>> {
  try {
    const response = await fetcher(path, {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MILLISECONDS),
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok) return { ok: true, value: answer.parse(json) };
    return { ok: false, error: readError(json, response) };
  } catch {
    return {
      ok: false,
      error: { code: 'no_answer', message: 'The server did not answer.', next: 'Check your connection and try again.' },
    };
  }
}

function readError(json: unknown, response: Response): ApiError {
  const parsed = errorBody.safeParse(json);
  const error: ApiError = parsed.success
    ? { ...parsed.data.error }
    : { code: `http_${response.status}`, message: 'The server could not do this.', next: 'Try again in a moment.' };
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  if (seconds > 0) error.retryAfterSeconds = Math.min(seconds, MAX_WAIT_SECONDS);
  return error;
}
