import type { CallFacts, Outcome } from '../gateway/ledger.ts';
import type { Account } from './budgets/account.ts';
import type { StartedCall, UsageEvent } from './events/event.ts';
import { costMicros, MOST_TOKENS } from './prices/cost.ts';
import type { PriceBook, Priced } from './prices/book.ts';
import { isFree } from './prices/estimate.ts';
import type { Price } from './prices/rates.ts';
import type { Policy } from './policy.ts';

/** A call between `reserve` and `settle`. */
export type OpenCall = {
  started: StartedCall;
  policy: Policy;
  accounts: readonly Account[];
  /** Held on each of the accounts. Micro-dollars. */
  heldMicros: number;
  /** Counted for the limit of tokens a minute. */
  tokens: number;
  /** The provider bills nothing for it, or nobody: the demo model. */
  free: boolean;
};

export type Pricing = {
  open: OpenCall;
  book: PriceBook;
  /** What would have been held for the call. */
  estimate: (price: Price, call: CallFacts) => number;
};

/** What the end of a call comes to. */
export function endedCall(pricing: Pricing, call: CallFacts, outcome: Outcome): UsageEvent {
  const { open, book } = pricing;
  const { held: _held, ...started } = open.started;
  const { usage } = outcome;
  const priced = pricedAt(open, book, call);
  const cost = costOf(pricing, priced, call, outcome);
  const whole = (value: number | undefined) =>
    Number.isFinite(value) ? Math.min(Math.max(0, Math.round(value ?? 0)), MOST_TOKENS) : 0;
  return {
    ...started,
    model: call.model ?? '',
    pricedBy: priced?.by ?? 'free',
    inputTokens: whole(usage?.inputTokens),
    cachedInputTokens: whole(usage?.cachedInputTokens),
    cacheWriteTokens: whole(usage?.cacheWriteTokens),
    outputTokens: whole(usage?.outputTokens),
    reasoningTokens: whole(usage?.reasoningTokens),
    audioInputTokens: whole(usage?.audioInputTokens),
    audioOutputTokens: whole(usage?.audioOutputTokens),
    imageInputTokens: whole(usage?.imageInputTokens),
    imageOutputTokens: whole(usage?.imageOutputTokens),
    cost,
    estimated: outcome.billable && usage === null && !open.free,
    status: Number.isInteger(outcome.status) ? outcome.status : null,
    outcome: outcome.clientGone ? 'client_gone' : outcome.status >= 400 || !outcome.billable ? 'failed' : 'ok',
    latencyMs: whole(outcome.latencyMs),
    firstByteMs: outcome.firstByteMs === null ? null : whole(outcome.firstByteMs),
    responseId: outcome.responseId,
  };
}

function pricedAt(open: OpenCall, book: PriceBook, call: CallFacts): Priced | null {
  return open.free || isFree(call.operation) ? null : book.find(call.provider, call.model);
}

function costOf({ open, book, estimate }: Pricing, priced: Priced | null, call: CallFacts, outcome: Outcome): number {
  if (!outcome.billable || open.free || isFree(call.operation)) return 0;
  if (outcome.usage === null || !priced) {
    // A call that never named its model was held for nothing: what is not known costs what the rule says.
    return call.model === null && priced ? Math.max(open.heldMicros, estimate(priced.price, call)) : open.heldMicros;
  }
  return costMicros(priced.price, outcome.usage, book.tier(call.provider, outcome.serviceTier));
}
