import { z } from 'zod';
import type { GatewayCaller, KeyRefused } from './core.ts';
import type { CallFacts, Ledger, LimitRefusal, Outcome, Reservation } from './ledger.ts';
import type { ResponseOwner } from './stored-ids.ts';

/** Path of the internal route that answers for keys and limits; each step has a path of its own below. */
export const CHECKS_MOUNT = '/api/internal/gateway';

const callerSchema = z.object({ keyId: z.string(), userId: z.string() });
const keySchema = z.object({ caller: z.union([callerSchema, z.object({ retryAfterSeconds: z.number() }), z.null()]) });
const refusalSchema = z.object({
  refused: z.enum(['budget', 'requests_per_minute', 'tokens_per_minute', 'parallel', 'model_not_allowed']),
  message: z.string(),
  next: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  resetsAt: z.string().optional(),
});
const reserveSchema = z.union([z.object({ id: z.string(), heldMicros: z.int() }), refusalSchema]);
const ownerSchema = z.object({ userId: z.string().nullable() });
const adjustSchema = z.object({ refusal: refusalSchema.nullable() });

export type RemoteChecks = {
  resolveKey(plain: string, from: { address: string | null }): Promise<GatewayCaller | KeyRefused | null>;
  responseOwner: ResponseOwner;
  ledger: Ledger;
};

export type RemoteOptions = {
  /** Origin of the control plane. */
  origin: string;
  /** Shared with it; it proves who asks. */
  secret: string;
  fetch?: typeof fetch;
  /** Keeps the function alive until a call is settled. */
  waitUntil?: (work: Promise<unknown>) => void;
  onError?: (error: unknown) => void;
};

/** How long an answer may take. Milliseconds. */
const PATIENCE_MS = 5000;
const SETTLE_ATTEMPTS = 3;

/**
 * Keys and limits over HTTP, for a gateway that runs where there is no database: an Edge function. Reservations that are
 * never settled, because the function died, are given back by the control plane like those of any dead instance.
 */
export function createRemoteChecks({ origin, secret, fetch: fetchIt = fetch, ...hooks }: RemoteOptions): RemoteChecks {
  async function ask<Answer>(step: string, body: unknown, schema: z.ZodType<Answer>): Promise<Answer> {
    const answer = await fetchIt(`${origin}${CHECKS_MOUNT}/${step}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) throw new Error(`The control plane answered ${step} with ${answer.status}.`);
    return schema.parse(await answer.json());
  }

  async function settle(reservation: Reservation, call: CallFacts, outcome: Outcome): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await ask('settle', { reservation, call, outcome }, z.unknown());
        return;
      } catch (error) {
        if (attempt < SETTLE_ATTEMPTS) continue;
        hooks.onError?.(error);
        return;
      }
    }
  }

  return {
    resolveKey: async (key, { address }) => (await ask('key', { key, address }, keySchema)).caller,
    responseOwner: async (provider, id) => (await ask('response', { provider, id }, ownerSchema)).userId,
    ledger: {
      reserve: async (call) => withoutUndefined(await ask('reserve', { call }, reserveSchema)),
      adjust: async (reservation, call) => {
        const { refusal } = await ask('adjust', { reservation, call }, adjustSchema);
        return refusal === null ? null : withoutUndefined(refusal);
      },
      settle: (reservation, call, outcome) => {
        const work = settle(reservation, call, outcome);
        hooks.waitUntil?.(work);
      },
    },
  };
}

/** zod's optional fields may be undefined, ours are left out. */
function withoutUndefined<Value extends Reservation | z.output<typeof refusalSchema>>(value: Value) {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value extends Reservation
    ? Reservation
    : LimitRefusal;
}
