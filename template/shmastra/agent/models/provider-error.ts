import * as z from 'zod/mini';
import type { NoticeData } from '../turns/chunks.ts';

const callError = z.object({
  statusCode: z.optional(z.number()),
  responseHeaders: z.optional(z.record(z.string(), z.string())),
  responseBody: z.optional(z.string()),
});
const linked = z.object({
  cause: z.optional(z.unknown()),
  lastError: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
});

const MAX_DEPTH = 8;
const UNREACHABLE =
  /ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|fetch failed|socket hang up|Cannot connect/i;
const BUDGET = /budget|insufficient_quota|billing/i;

/** What a person can make of a model call that failed. The provider's own words may be long, and are not for them. */
export function describeProviderError(error: unknown, now = new Date()): NoticeData {
  const chain = [...causes(error)];
  const call = chain.map(readCall).find((found) => found !== undefined);
  if (call === undefined) {
    const text = chain.map(textOf).join(' ');
    if (UNREACHABLE.test(text)) return unreachable;
    return { kind: 'error', message: `The model call failed: ${short(textOf(error))}`, next: 'Try again.' };
  }
  const { status, retryAfter, body } = call;
  const retryAt =
    retryAfter === undefined ? {} : { retryAt: new Date(now.getTime() + retryAfter * 1000).toISOString() };
  if (status === 402 || ((status === 429 || status === 403) && BUDGET.test(body))) {
    return {
      kind: 'budget',
      message: 'The budget for model calls is used up. What was done is kept.',
      next: 'Ask your admin to raise it, or wait until it starts anew.',
      ...retryAt,
    };
  }
  if (status === 429) {
    return {
      kind: 'rate_limit',
      message: 'The model provider takes no more requests for the moment. What was done is kept.',
      next: 'Send the message again in a minute.',
      ...retryAt,
    };
  }
  if (status === 401 || status === 403) {
    return {
      kind: 'provider',
      message: 'The model call was refused: the key of this workspace is not accepted.',
      next: 'Reload the page; if that does not help, ask your admin.',
    };
  }
  if (status >= 500) return { ...unreachable, ...retryAt };
  return {
    kind: 'provider',
    message: `The model provider refused the request (${status}): ${short(messageIn(body))}`,
    next: 'Try again, or with another model.',
  };
}

/** The longest that a person waits without a word. */
const MAX_RETRY_SECONDS = 5;
const RETRY_MS = 1000;

/** After how many milliseconds a call that failed is worth another try; undefined when it is not. */
export function retryDelay(error: unknown): number | undefined {
  const chain = [...causes(error)];
  const call = chain.map(readCall).find((found) => found !== undefined);
  if (call === undefined) return UNREACHABLE.test(chain.map(textOf).join(' ')) ? RETRY_MS : undefined;
  if (call.status < 500 && call.status !== 408 && call.status !== 429) return undefined;
  // Our gateway says so of what only an admin can change.
  if (call.final || BUDGET.test(call.body)) return undefined;
  if (call.retryAfter === undefined) return RETRY_MS;
  return call.retryAfter <= MAX_RETRY_SECONDS ? call.retryAfter * 1000 : undefined;
}

const unreachable: NoticeData = {
  kind: 'provider',
  message: 'The model provider cannot be reached. What was done is kept.',
  next: 'Try again in a moment, or with another model.',
};

function* causes(error: unknown): Generator {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && current !== undefined && current !== null; depth++) {
    yield current;
    const links = linked.safeParse(current);
    if (!links.success) return;
    current = links.data.lastError ?? links.data.cause ?? links.data.error;
  }
}

type Call = { status: number; retryAfter: number | undefined; body: string; final: boolean };

function readCall(error: unknown): Call | undefined {
  const parsed = callError.safeParse(error);
  if (!parsed.success || parsed.data.statusCode === undefined) return undefined;
  const seconds = Number(parsed.data.responseHeaders?.['retry-after']);
  return {
    status: parsed.data.statusCode,
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
    body: parsed.data.responseBody ?? '',
    final: parsed.data.responseHeaders?.['x-should-retry'] === 'false',
  };
}

const textOf = (error: unknown) => (error instanceof Error ? `${error.message} ${codeOf(error)}` : String(error));
const codeOf = (error: Error) => ('code' in error && typeof error.code === 'string' ? error.code : '');
const short = (text: string) => text.trim().slice(0, 300);

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

function messageIn(body: string): string {
  try {
    const { error } = errorBody.parse(JSON.parse(body));
    return typeof error === 'string' ? error : error.message;
  } catch {
    return body;
  }
}
