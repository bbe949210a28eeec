import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import type { CallFacts, Ledger, LimitRefusal, Outcome, Reservation } from '../gateway/ledger.ts';
import { type Account, type HoldResult, settleHold } from './budgets/account.ts';
import { createBookkeeping } from './bookkeeping.ts';
import type { StartedCall } from './events/event.ts';
import { allowsModel } from './limits/models.ts';
import { createLimits } from './limits/limits.ts';
import { endedCall, type OpenCall } from './open-call.ts';
import { createPolicies, type Policy } from './policy.ts';
import { createPriceBook, type Priced } from './prices/book.ts';
import { estimateMicros, estimateTokens, isFree } from './prices/estimate.ts';
import type { Price } from './prices/rates.ts';
import { bookingRefusal, bookingUnavailable, budgetRefusal, modelRefusal, unpricedRefusal } from './refusals.ts';

export type UsageLedger = Ledger & {
  /** Writes what is not written yet, and gives back what is leased. */
  flush(): Promise<void>;
  /** Calls between reserve and settle. */
  openCalls(): number;
  close(): Promise<void>;
};

export type LedgerOptions = {
  /** Providers whose answers nobody bills: the demo model. */
  isDemo?: (provider: string) => boolean;
};

/** A start brings in what the end of the process before had no time for. */
const CLOSE_MS = 4_000;

/**
 * The ledger of this process. While the limits of a user are known and enough of their budgets is leased, `reserve` and
 * `settle` work in memory and the journal alone; else `reserve` asks Postgres first. It throws UnavailableError when it
 * cannot tell: nothing is let through that cannot be booked.
 */
export function createLedger(context: Context, { isDemo = () => false }: LedgerOptions = {}): UsageLedger {
  const { usage } = context.settings;
  const books = createBookkeeping(context);
  const policies = createPolicies(context);
  const limits = createLimits(books.instances);
  const prices = createPriceBook({ overrides: usage.prices, unknown: usage.unknownModels });
  const open = new Map<string, OpenCall>();
  const estimate = (price: Price, call: CallFacts) => estimateMicros(price, call, usage.estimate);

  function reserve(call: CallFacts): Reservation | LimitRefusal | Promise<Reservation | LimitRefusal> {
    if (!books.hasRoom()) throw bookingUnavailable();
    const policy = policies.peek(call.userId);
    if (policy) return begin(call, policy);
    return policies.load(call.userId).then(
      (loaded) => begin(call, loaded),
      (error: unknown) => {
        throw bookingUnavailable(error);
      },
    );
  }

  function begin(call: CallFacts, policy: Policy): Reservation | LimitRefusal | Promise<Reservation | LimitRefusal> {
    const wanted = wish(call, policy);
    if ('refused' in wanted) return wanted;
    const refusal = limits.enter(policy, wanted.tokens);
    if (refusal) return refusal;
    const at = context.now();
    const accounts = wanted.free ? [] : policy.budgets.map((budget) => books.accounts.of(budget, at));
    const entry: OpenCall = {
      started: startedCall(call, at, wanted),
      policy,
      accounts,
      heldMicros: 0,
      tokens: wanted.tokens,
      free: wanted.free,
    };
    try {
      if (holdNow(accounts, wanted.micros)) return journalled(entry, wanted.micros);
    } catch (error) {
      limits.leave(policy.userId, wanted.tokens);
      throw error;
    }
    return hold(accounts, wanted.micros).then<Reservation | LimitRefusal>(
      (missing) => {
        if (missing === null) return journalled(entry, wanted.micros);
        limits.leave(policy.userId, wanted.tokens);
        return budgetRefusal(missing.account, missing.result, wanted.micros, at, usage.timeZone);
      },
      (error: unknown) => {
        limits.leave(policy.userId, wanted.tokens);
        throw bookingUnavailable(error);
      },
    );
  }

  /** The reservation exists once it is in the journal. */
  async function journalled(entry: OpenCall, micros: number): Promise<Reservation> {
    entry.heldMicros = micros;
    entry.started.held = micros;
    try {
      await books.journal.began(entry.started);
    } catch (error) {
      for (const account of entry.accounts) settleHold(account, micros, 0);
      limits.leave(entry.policy.userId, entry.tokens);
      throw bookingUnavailable(error);
    }
    const { id } = entry.started;
    open.set(id, entry);
    return { id, heldMicros: micros };
  }

  function adjust(reservation: Reservation, call: CallFacts): LimitRefusal | null | Promise<LimitRefusal | null> {
    const entry = open.get(reservation.id);
    if (!entry) return null;
    const wanted = wish(call, entry.policy);
    if ('refused' in wanted) return wanted;
    entry.started.model = call.model ?? '';
    entry.started.pricedBy = wanted.priced?.by ?? 'free';
    const more = wanted.micros - entry.heldMicros;
    const moreTokens = Math.max(0, wanted.tokens - entry.tokens);
    const refusal = limits.addTokens(entry.policy, moreTokens);
    if (refusal) return refusal;
    entry.tokens += moreTokens;
    const finish = async (): Promise<LimitRefusal | null> => {
      // Settled while it waited for room.
      if (open.get(reservation.id) !== entry) {
        for (const account of entry.accounts) settleHold(account, more, 0);
        return null;
      }
      entry.heldMicros += more;
      entry.started.held = entry.heldMicros;
      reservation.heldMicros = entry.heldMicros;
      await books.journal.changed(entry.started);
      return null;
    };
    const failed = (error: unknown): LimitRefusal => {
      context.log.warn({ err: error }, 'a reservation could not be changed');
      return bookingRefusal();
    };
    try {
      if (more <= 0) for (const account of entry.accounts) settleHold(account, -more, 0);
      if (more <= 0 || holdNow(entry.accounts, more)) return finish().catch(failed);
    } catch (error) {
      return failed(error);
    }
    return hold(entry.accounts, more)
      .then((missing) =>
        missing === null
          ? finish()
          : budgetRefusal(missing.account, missing.result, wanted.micros, context.now(), usage.timeZone),
      )
      .catch(failed);
  }

  function settle(reservation: Reservation, call: CallFacts, outcome: Outcome): Promise<void> | undefined {
    const entry = open.get(reservation.id);
    if (!entry) return undefined;
    open.delete(reservation.id);
    const event = endedCall({ open: entry, book: prices, estimate }, call, outcome);
    for (const account of entry.accounts) settleHold(account, entry.heldMicros, event.cost);
    const used = outcome.billable ? (outcome.usage ? event.inputTokens + event.outputTokens : entry.tokens) : 0;
    limits.leave(entry.policy.userId, entry.policy.tokensPerMinute === null ? 0 : entry.tokens - used);
    return books.ended(event, entry.accounts);
  }

  type Wish = { micros: number; tokens: number; free: boolean; priced: Priced | null };

  /** What a call would need, or why it may not be. */
  function wish(call: CallFacts, policy: Policy): Wish | LimitRefusal {
    if (isFree(call.operation)) return { micros: 0, tokens: 0, free: true, priced: null };
    if (call.model !== null && !allowsModel(policy.models, call.provider, call.model)) {
      return modelRefusal(call.provider, call.model);
    }
    if (isDemo(call.provider)) return { micros: 0, tokens: 0, free: true, priced: null };
    const priced = prices.find(call.provider, call.model);
    // The name is still on its way: a call that never names one is refused before its end is sent.
    if (call.model === null) return { micros: 1, tokens: 0, free: false, priced };
    if (!priced) return unpricedRefusal(call.provider, call.model);
    const micros = estimate(priced.price, call);
    return { micros, tokens: estimateTokens(priced.price, call, usage.estimate), free: false, priced };
  }

  function startedCall(call: CallFacts, at: Date, { priced }: Wish): StartedCall {
    return {
      id: randomUUID(),
      at: at.toISOString(),
      userId: call.userId,
      keyId: call.keyId,
      provider: call.provider,
      model: call.model ?? '',
      operation: call.operation,
      requestId: call.requestId,
      held: 0,
      pricedBy: priced?.by ?? 'free',
    };
  }

  /** On all accounts or on none. */
  function holdNow(accounts: readonly Account[], micros: number): boolean {
    for (const [index, account] of accounts.entries()) {
      if (books.accounts.holdNow(account, micros)) continue;
      for (const done of accounts.slice(0, index)) settleHold(done, micros, 0);
      return false;
    }
    return true;
  }

  type Missing = { account: Account; result: Exclude<HoldResult, true> };

  async function hold(accounts: readonly Account[], micros: number): Promise<Missing | null> {
    const held: Account[] = [];
    try {
      for (const account of accounts) {
        const result = books.accounts.holdNow(account, micros) || (await books.accounts.hold(account, micros));
        if (result !== true) {
          for (const done of held) settleHold(done, micros, 0);
          return { account, result };
        }
        held.push(account);
      }
      return null;
    } catch (error) {
      for (const done of held) settleHold(done, micros, 0);
      throw error;
    }
  }

  return {
    reserve,
    adjust,
    settle,
    flush: books.flush,
    openCalls: () => open.size,
    async close() {
      policies.close();
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([books.close(open.size === 0), late]);
    },
  };
}
