import { dollarsToMicros } from '../usage/money.ts';
import type { PeriodKind } from '../usage/periods.ts';
import type { UnknownModelRule } from '../usage/prices/book.ts';
import type { PriceOverrides } from '../usage/prices/schema.ts';
import type { Environment } from './environment.ts';

/** Limits of everybody who has none of their own, in micro-dollars; null: none. */
export type DefaultBudgets = Record<'user' | 'team', Record<PeriodKind, number | null>>;

export type UsageSettings = {
  /** Where days, weeks and months of usage begin. */
  timeZone: string;
  budgets: DefaultBudgets;
  /** Percent of a budget from which people are warned. */
  warnPercent: number;
  /** Per user; null or 0 tokens: no limit. */
  limits: { requestsPerMinute: number; tokensPerMinute: number | null; parallelRequests: number };
  models: Record<'member' | 'admin', string[]>;
  prices: PriceOverrides;
  unknownModels: UnknownModelRule;
  estimate: { bytesPerToken: number; outputTokens: number };
  /** Where calls that have begun are written first: a disk that outlives the process, or Postgres. */
  journal: 'disk' | 'database';
  journalFolder: string;
  keepMonths: number;
};

export function usageSettings(env: Environment, journalFolder: string): UsageSettings {
  const limit = (dollars: number | undefined) => (dollars === undefined ? null : dollarsToMicros(dollars));
  return {
    timeZone: env.USAGE_TIME_ZONE,
    budgets: {
      user: {
        daily: limit(env.USER_BUDGET_DAILY_USD),
        weekly: limit(env.USER_BUDGET_WEEKLY_USD),
        monthly: limit(env.USER_BUDGET_MONTHLY_USD),
      },
      team: {
        daily: limit(env.TEAM_BUDGET_DAILY_USD),
        weekly: limit(env.TEAM_BUDGET_WEEKLY_USD),
        monthly: limit(env.TEAM_BUDGET_MONTHLY_USD),
      },
    },
    warnPercent: env.BUDGET_WARN_PERCENT,
    limits: {
      requestsPerMinute: env.USER_REQUESTS_PER_MINUTE,
      tokensPerMinute: env.USER_TOKENS_PER_MINUTE ?? null,
      parallelRequests: env.USER_PARALLEL_REQUESTS,
    },
    models: { member: env.MEMBER_MODELS, admin: env.ADMIN_MODELS },
    prices: env.MODEL_PRICES,
    unknownModels: env.UNKNOWN_MODELS,
    estimate: { bytesPerToken: env.ESTIMATE_BYTES_PER_TOKEN, outputTokens: env.ESTIMATE_OUTPUT_TOKENS },
    journal: env.USAGE_JOURNAL,
    journalFolder,
    keepMonths: env.USAGE_KEEP_MONTHS,
  };
}
