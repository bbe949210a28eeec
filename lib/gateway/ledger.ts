import type { Operation } from './routes.ts';

/** What is known of a call before it is made. Money is in integer micro-dollars, rounded up per call. */
export type CallFacts = {
  requestId: string;
  userId: string;
  keyId: string;
  /** The name under which the provider is mounted: `openai`, or one of the settings. */
  provider: string;
  /**
   * Null where there is none (lists, tools), and while it is not known yet: a large body may name it last. `adjust`
   * then tells it, before the provider gets the end of the body.
   */
  model: string | null;
  operation: Operation;
  stream: boolean;
  /** Bytes of the request's body; a declared length, or what was read so far, where it is still being sent. */
  requestBytes: number;
  /** The caller's own bound over all choices (`max_tokens` times `n`), or null. */
  maxOutputTokens: number | null;
  /** Images that are asked for; 0 where it is no call for images. */
  images: number;
};

/**
 * What a call used, in one form for all providers:
 * - `inputTokens` is everything the model read. Of it, without overlap between the two, `cachedInputTokens` were read
 *   from a cache and `cacheWriteTokens` were written to one; `audioInputTokens` and `imageInputTokens` were audio and
 *   images. The rest is plain text at the plain price.
 * - `outputTokens` is everything the model made: `reasoningTokens`, `audioOutputTokens` and `imageOutputTokens` are in it.
 */
export type Usage = {
  inputTokens: number;
  cachedInputTokens: number;
  /** All writes to a cache. */
  cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that were written for an hour, which costs more. */
  longCacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  audioInputTokens: number;
  audioOutputTokens: number;
  imageInputTokens: number;
  imageOutputTokens: number;
  /** Images made, also where they are billed by tokens. */
  images: number;
  /** Seconds of audio heard, of models that are billed by it. */
  audioSeconds: number;
  /** Searches that the provider made and bills by the piece. */
  webSearches: number;
};

export const NO_USAGE: Usage = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  longCacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  imageInputTokens: 0,
  imageOutputTokens: 0,
  images: 0,
  audioSeconds: 0,
  webSearches: 0,
});

export type Reservation = { id: string; heldMicros: number };

export type LimitRefusal = {
  refused: 'budget' | 'requests_per_minute' | 'tokens_per_minute' | 'parallel' | 'model_not_allowed';
  message: string;
  next?: string;
  retryAfterSeconds?: number;
  /** ISO 8601. */
  resetsAt?: string;
};

export type Outcome = {
  /**
   * Null: never seen, so the reservation is billed and flagged as an estimate. Calls without tokens (lists, counts,
   * tools) have NO_USAGE.
   */
  usage: Usage | null;
  /** False for a call that the provider refused or that never reached it: it costs nothing. */
  billable: boolean;
  /** The status that the caller got; 499 when it was gone before. */
  status: number;
  latencyMs: number;
  /** From the request's arrival to the first byte of the answer's body; null when there was none. */
  firstByteMs: number | null;
  clientGone: boolean;
  /** The provider's tier (`priority`, `flex`, ...) where the answer names one, which has prices of its own. */
  serviceTier?: string;
  /** The provider's id of the response, under which it may have stored it (OpenAI's Responses API). */
  responseId?: string;
};

/**
 * Limits and bookkeeping. For each reservation `settle` is called exactly once, whatever happens to the call, also when
 * it was never sent. `adjust` and `settle` must neither throw nor reject.
 */
export interface Ledger {
  reserve(call: CallFacts): Reservation | LimitRefusal | Promise<Reservation | LimitRefusal>;
  /** More is known than at `reserve` (model, bytes, bounds). A refusal ends the call, which is then settled as well. */
  adjust?(reservation: Reservation, call: CallFacts): LimitRefusal | null | Promise<LimitRefusal | null>;
  /** The caller is told of the end once this is resolved: from then on the death of the process changes no bill. */
  settle(reservation: Reservation, call: CallFacts, outcome: Outcome): void | Promise<void>;
}
