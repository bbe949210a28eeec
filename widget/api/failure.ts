import * as z from 'zod/mini';

/**
 * `unavailable`: the sandbox sleeps, wakes or is being worked on. `version`: widget and sandbox speak different versions.
 * `refused`: the agent said no, with a reason.
 */
export type FailureKind = 'signed_out' | 'unavailable' | 'outdated_page' | 'outdated_workspace' | 'offline' | 'refused';

type FailureMore = { next?: string; retryAfterMs?: number; chat?: { sessionId: string; title: string } };

export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly next: string | null;
  readonly retryAfterMs: number | null;
  /** The chat in which the agent works, when that is the reason. */
  readonly chat: { sessionId: string; title: string } | null;

  constructor(kind: FailureKind, code: string, message: string, more: FailureMore = {}) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.next = more.next ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
    this.chat = more.chat ?? null;
  }
}

const bodySchema = z.object({
  error: z.optional(
    z.object({
      code: z.optional(z.string()),
      message: z.optional(z.string()),
      next: z.optional(z.string()),
      versions: z.optional(z.array(z.number())),
      sessionId: z.optional(z.string()),
      title: z.optional(z.string()),
    }),
  ),
  versions: z.optional(z.array(z.number())),
});

/** Version of the chat API that this widget speaks. */
export const API_VERSION = 1;

/** What a refusal means. @param retryAfter the header, seconds */
export function failureOf(status: number, body: unknown, retryAfter: string | null): ApiFailure {
  const parsed = bodySchema.safeParse(body);
  const error = parsed.success ? parsed.data.error : undefined;
  const code = error?.code ?? `http_${status}`;
  const more = {
    ...(error?.next === undefined ? {} : { next: error.next }),
    ...(error?.sessionId === undefined ? {} : { chat: { sessionId: error.sessionId, title: error.title ?? '' } }),
    ...(retryAfter !== null && /^\d{1,5}$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * 1000 } : {}),
  };
  if (status === 401) return new ApiFailure('signed_out', code, 'You are signed out. Your draft is kept.', more);
  if (status === 426)
    return versionFailure((parsed.success ? parsed.data.versions : undefined) ?? error?.versions ?? []);
  if (status === 502 || status === 503 || status === 504) {
    return new ApiFailure('unavailable', code, error?.message ?? 'Your workspace does not answer yet.', more);
  }
  return new ApiFailure('refused', code, error?.message ?? `The workspace answered ${status}.`, more);
}

function versionFailure(spoken: readonly number[]): ApiFailure {
  if (spoken.some((version) => version > API_VERSION)) {
    return new ApiFailure('outdated_page', 'version', 'This page is older than your workspace. Your draft is kept.');
  }
  return new ApiFailure('outdated_workspace', 'version', 'Your workspace needs an update before the chat works.');
}

export function offlineFailure(): ApiFailure {
  return new ApiFailure('offline', 'offline', 'The connection was lost. Try again.');
}

/** Any thrown value as a failure that can be shown. */
export function toFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure('refused', 'unexpected', error instanceof Error ? error.message : 'Something failed here.');
}
