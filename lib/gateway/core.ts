import { parseRequestPath } from '../mastra-proxy/request-path.ts';
import { type ByteBudget, createByteBudget } from './byte-budget.ts';
import { readVirtualKey } from './credentials.ts';
import { errorReply, type Reply } from './errors.ts';
import { Exchange } from './exchange.ts';
import { invalidKey, notConfigured, notFound, tooLarge } from './failures.ts';
import { type HeaderBag, headerOf } from './headers.ts';
import { createKeyPool, type KeyPool, type KeyPoolClock } from './key-pool.ts';
import type { Ledger } from './ledger.ts';
import { GATEWAY_LIMITS, type GatewayLimits } from './limits.ts';
import type { Provider, Providers } from './provider.ts';
import { findGatewayRoute } from './routes.ts';
import { createStoredIds, type ResponseOwner, type StoredIds } from './stored-ids.ts';

export type GatewayCaller = { keyId: string; userId: string };

/** Too many wrong keys came from there. */
export type KeyRefused = { retryAfterSeconds: number };

export type GatewayLog = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
};

export type GatewayOptions = {
  /** Null for keys that are malformed, unknown, revoked, expired or of a disabled member. Throws when it cannot tell. */
  resolveKey: (plain: string, from: { address: string | null }) => Promise<GatewayCaller | KeyRefused | null>;
  providers: Providers;
  ledger: Ledger;
  log: GatewayLog;
  /** A caller with a good key asks for something allowed. */
  onCall?: (caller: GatewayCaller) => void;
  /** Without it a response is known to the process that passed it, and nowhere else. */
  responseOwner?: ResponseOwner;
  limits?: Partial<GatewayLimits>;
  clock?: KeyPoolClock;
};

export type RequestHead = {
  method: string;
  /** Path and query as they came. */
  target: string;
  headers: HeaderBag;
  requestId: string;
  /** Where the request came from, for whoever counts wrong keys. */
  address: string | null;
  /** `performance.now()` at its arrival. */
  arrivedAt: number;
};

/** What all calls of a process share. */
export type GatewayState = {
  options: GatewayOptions;
  limits: GatewayLimits;
  bodies: ByteBudget;
  storedIds: StoredIds;
  /** Answers that are read on without their caller. */
  drains: number;
  poolOf(provider: Provider): KeyPool;
};

export type GatewayCore = {
  state: GatewayState;
  /** The first step of a call, by its head alone. A Reply ends it. */
  open(head: RequestHead): Exchange | Reply;
};

const VIRTUAL_KEY = /^vk_[0-9a-f-]{36}_[0-9a-f]{32}$/;

/**
 * The gateway's decisions, free of any transport: a virtual key in, the real key out, bytes untouched in both directions.
 * A transport takes an Exchange through its steps (see there).
 */
export function createGatewayCore(options: GatewayOptions): GatewayCore {
  const limits = { ...GATEWAY_LIMITS, ...options.limits };
  const pools = new Map<Provider, KeyPool>();
  const state: GatewayState = {
    options,
    limits,
    bodies: createByteBudget(limits.bodyMemory, limits.userBodyMemory),
    storedIds: createStoredIds({ ownerOf: options.responseOwner }),
    drains: 0,
    poolOf: (provider) => {
      let pool = pools.get(provider);
      if (pool === undefined) {
        pool = createKeyPool(provider.keys, options.clock);
        pools.set(provider, pool);
      }
      return pool;
    },
  };
  return {
    state,
    open: (head) => {
      const parsed = parseRequestPath(head.target);
      if (!parsed.ok) return errorReply(null, { status: 400, code: 'bad_path', message: parsed.reason });
      const route = findGatewayRoute(head.method, parsed.path, options.providers);
      if (!route.found) return errorReply(route.protocol, notFound(route.reason));
      const plainKey = readVirtualKey(route.protocol, head.headers, parsed.query);
      if (plainKey === null || !VIRTUAL_KEY.test(plainKey)) {
        return errorReply(route.protocol, invalidKey('The request has no valid virtual key.'));
      }
      const provider = options.providers.get(route.name);
      if (!provider) return errorReply(route.protocol, notConfigured(route.name));
      const declared = declaredLength(head.headers);
      const limit = route.protocol === 'composio' ? limits.toolBody : limits.body;
      if (declared !== null && declared > limit) return errorReply(route.protocol, tooLarge(limit));
      return new Exchange(state, { head, route, provider, query: parsed.query, plainKey, declared });
    },
  };
}

/** Null when it is not declared. */
function declaredLength(headers: HeaderBag): number | null {
  const length = Number(headerOf(headers, 'content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}
