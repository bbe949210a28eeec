import { z } from 'zod';
import { MOST_MICROS } from '../money.ts';
import type { PricedBy } from '../prices/book.ts';

const count = z.number().int().min(0);

/** What is known of a call when it begins, as the journals keep it. `at` is in ISO 8601. */
export const startedCallSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  userId: z.uuid(),
  keyId: z.uuid().nullable(),
  provider: z.string(),
  model: z.string(),
  operation: z.string(),
  requestId: z.string().nullable(),
  /** Micro-dollars. */
  held: count,
  pricedBy: z.enum(['table', 'override', 'rule', 'free'] satisfies PricedBy[]),
});
export type StartedCall = z.output<typeof startedCallSchema>;

/** A call that is over: one row of `usage_events`. */
export const usageEventSchema = startedCallSchema.omit({ held: true }).extend({
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  outputTokens: count,
  reasoningTokens: count,
  audioInputTokens: count,
  audioOutputTokens: count,
  imageInputTokens: count,
  imageOutputTokens: count,
  cost: count,
  estimated: z.boolean(),
  status: z.number().int().nullable(),
  outcome: z.enum(['ok', 'failed', 'client_gone', 'lost']),
  latencyMs: count.nullable(),
  firstByteMs: count.nullable(),
  /** Under which the provider may have stored its response. */
  responseId: z.string().optional(),
});
export type UsageEvent = z.output<typeof usageEventSchema>;

const NO_TOKENS = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  imageInputTokens: 0,
  imageOutputTokens: 0,
};

/** A call that began and of whose end nothing is known, because its process died: it is billed as it was reserved. */
export function lostCall({ held, ...call }: StartedCall): UsageEvent {
  return {
    ...call,
    ...NO_TOKENS,
    cost: held,
    estimated: true,
    status: null,
    outcome: 'lost',
    latencyMs: null,
    firstByteMs: null,
  };
}

/** Of a call that Postgres cannot hold as it is: whose it was, when, and what it cost. */
export function withoutDetails(event: UsageEvent): UsageEvent {
  const { id, at, userId, cost, pricedBy, outcome } = event;
  return {
    ...{ id, at, userId, pricedBy, outcome },
    ...NO_TOKENS,
    keyId: null,
    provider: 'unknown',
    model: '',
    operation: 'unknown',
    requestId: null,
    cost: Math.min(cost, MOST_MICROS),
    estimated: true,
    status: null,
    latencyMs: null,
    firstByteMs: null,
  };
}
