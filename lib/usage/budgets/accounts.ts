import type { Context } from '../../context.ts';
import type { Calendar } from '../periods.ts';
import {
  type Account,
  accountKey,
  availableMicros,
  type HoldResult,
  holdNow,
  newAccount,
  type NoRoom,
} from './account.ts';
import type { Budget } from './budget.ts';
import { type Grant, leaseBudget, openPeriod, readLease, returnBudget } from './database.ts';
import type { InstanceLease } from './instance.ts';

export type Accounts = {
  /** The account of a budget at a moment. */
  of(budget: Budget, at: Date): Account;
  find(budgetId: string, start: Date): Account | undefined;
  /** Reserves at once, or tells that Postgres has to be asked. */
  holdNow(account: Account, amount: number): boolean;
  /** Reserves, leasing more when needed. Throws while Postgres is away. */
  hold(account: Account, amount: number): Promise<HoldResult>;
  /** Gives back what is not needed, corrects what is uncertain, forgets what is over. */
  tidy(options?: { all?: boolean }): Promise<void>;
  /** The leases are gone: others took this instance for dead. */
  reset(): void;
  close(): void;
};

type Needs = Pick<Context, 'database' | 'instance' | 'now' | 'log'>;

/** The largest piece that is leased ahead of need. */
const AHEAD_MICROS = 2_000_000;
/** How long a refusal is believed. A settled call or another instance may make room any time. */
const REFUSAL_MS = 250;
/** Waits for others to give back what they do not need, before a call is refused for want of it. */
const PATIENCE_MS = [40, 120];

/** This instance's accounts. One question at a time per account; who asks meanwhile shares the next one. */
export function createAccounts(context: Needs, calendar: Calendar, lease: InstanceLease): Accounts {
  const accounts = new Map<string, Account>();
  const giveBackAll = (which: (account: Account) => boolean): void => {
    for (const account of accounts.values()) if (which(account) && !account.leasing) void giveBack(account, 0);
  };
  const unlisten = [
    context.database.listen('budget_wanted', (budgetId) => giveBackAll(({ budget }) => budget.id === budgetId)),
    // A limit may have become lower, or higher: what was leased and refused under the old one is over.
    context.database.listen('usage_changed', () => {
      for (const account of accounts.values()) account.refusal = null;
      giveBackAll(() => true);
    }),
  ];

  function of(budget: Budget, at: Date): Account {
    const period = calendar.periodOf(budget.kind, at);
    const key = accountKey(budget.id, period.start);
    const known = accounts.get(key);
    if (known) {
      if (known.budget !== budget) {
        known.budget = budget;
        known.refusal = null;
      }
      return known;
    }
    const account = newAccount(budget, period);
    accounts.set(key, account);
    return account;
  }

  function hold(account: Account, amount: number): Promise<HoldResult> {
    const { refusal } = account;
    if (refusal && performance.now() < refusal.until && amount > refusal.leftMicros + availableMicros(account)) {
      return Promise.resolve(refusal.result);
    }
    return new Promise((resolve, reject) => {
      account.waiters.push({ amount, resolve, reject });
      if (!account.leasing) void leaseForWaiters(account);
    });
  }

  async function leaseForWaiters(account: Account): Promise<void> {
    account.leasing = true;
    try {
      await lease.register();
      let patience = 0;
      while (account.waiters.length > 0) {
        if (account.validUntil === null || context.now() < account.validUntil) serve(account);
        const [first] = account.waiters;
        if (!first) break;
        const grant = await ask(account, first.amount);
        serve(account);
        if (account.waiters[0] !== first) {
          patience = 0;
          continue;
        }
        const noRoom = refusalOf(account, grant);
        const wait = noRoom.temporary ? PATIENCE_MS[patience] : undefined;
        patience += 1;
        if (wait !== undefined) {
          await context.database.pool.query("select pg_notify('budget_wanted', $1)", [account.budget.id]);
          await new Promise((resolve) => setTimeout(resolve, wait));
          continue;
        }
        patience = 0;
        refuse(account, noRoom, Math.max(0, grant.roomMicros));
      }
    } catch (error) {
      account.uncertain = true;
      for (const { reject } of account.waiters.splice(0)) reject(error);
    } finally {
      account.leasing = false;
    }
  }

  async function ask(account: Account, first: number): Promise<Grant> {
    await openPeriod(context, account);
    const at = context.now();
    if (account.validUntil !== null && at >= account.validUntil) {
      // It was granted on a raise that has ended: what is free of it goes back before more is asked for.
      account.validUntil = null;
      await giveBack(account, 0);
    }
    const available = availableMicros(account);
    const total = account.waiters.reduce((sum, { amount }) => sum + amount, 0);
    const grant = await leaseBudget(context, account, {
      leastMicros: first - available,
      neededMicros: total - available,
      aheadMicros: AHEAD_MICROS,
      at,
    });
    account.grantedMicros += grant.grantedMicros;
    if (grant.raiseEnds) account.validUntil = grant.raiseEnds;
    return grant;
  }

  /** In the order of their coming, as far as it goes. */
  function serve(account: Account): void {
    for (let [first] = account.waiters; first && first.amount <= availableMicros(account); [first] = account.waiters) {
      account.waiters.shift();
      account.heldMicros += first.amount;
      account.demandMicros += first.amount;
      first.resolve(true);
    }
  }

  function refusalOf(account: Account, grant: Grant): NoRoom {
    const limitMicros = grant.limitMicros ?? Infinity;
    const spentMicros = grant.spentMicros + account.usedMicros;
    const first = account.waiters[0]?.amount ?? 0;
    return { refused: true, spentMicros, limitMicros, temporary: limitMicros - spentMicros >= first };
  }

  /** The first, and all others that ask for more than there is. */
  function refuse(account: Account, result: NoRoom, leftMicros: number): void {
    account.refusal = { until: performance.now() + REFUSAL_MS, leftMicros, result };
    const most = leftMicros + availableMicros(account);
    account.waiters = account.waiters.filter((waiter, index) => {
      if (index > 0 && waiter.amount <= most) return true;
      waiter.resolve({ ...result, temporary: result.limitMicros - result.spentMicros >= waiter.amount });
      return false;
    });
  }

  /** Everything free but `keep`. It is out of use here before Postgres is told. */
  async function giveBack(account: Account, keep: number): Promise<void> {
    const micros = Math.floor(availableMicros(account) - keep);
    if (micros <= 0) return;
    account.grantedMicros -= micros;
    try {
      const returned = await returnBudget(context, account, micros);
      if (returned !== micros) account.uncertain = true;
    } catch (error) {
      account.uncertain = true;
      context.log.debug({ err: error }, 'a part of a budget was not given back');
    }
  }

  /** Takes over what the row says. Nothing else asks or is told about the account meanwhile. */
  async function reconcile(account: Account): Promise<void> {
    account.leasing = true;
    try {
      account.grantedMicros = await readLease(context, account);
      account.uncertain = false;
    } catch (error) {
      context.log.debug({ err: error }, 'the lease of a budget could not be read');
    } finally {
      account.leasing = false;
      if (account.waiters.length > 0) void leaseForWaiters(account);
    }
  }

  async function tidy({ all = false } = {}): Promise<void> {
    const now = context.now();
    for (const [key, account] of accounts) {
      if (account.leasing) continue;
      const ended = account.period.end <= now;
      const idle = account.heldMicros === 0 && account.usedMicros === 0;
      const keep = all || ended ? 0 : account.demandMicros;
      account.demandMicros = 0;
      if (account.uncertain && idle) await reconcile(account);
      if (!account.leasing) await giveBack(account, keep);
      if (ended && idle && !account.uncertain) accounts.delete(key);
    }
  }

  return {
    of,
    find: (budgetId, start) => accounts.get(accountKey(budgetId, start)),
    holdNow: (account, amount) => lease.isValid() && holdNow(account, amount, context.now()),
    hold,
    tidy,
    reset() {
      for (const account of accounts.values()) {
        // What is held stays held: it will be spent. It is covered by nothing here, so that nothing more is given out.
        account.grantedMicros = 0;
        account.uncertain = true;
      }
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}
