import { timingSafeEqual } from 'node:crypto';
import { Agent, fetch as undiciFetch } from 'undici';
import { createChecks } from '../../lib/gateway/checks.ts';
import { createFetchTransport } from '../../lib/gateway/fetch-transport.ts';
import { createGateway, type Gateway } from '../../lib/gateway/gateway.ts';
import { modelOffer } from '../../lib/gateway/model-offer.ts';
import { answerModelOffer } from '../../lib/gateway/model-offer-answer.ts';
import { type Providers, providersFromSettings } from '../../lib/gateway/provider.ts';
import { createLedger, type UsageLedger } from '../../lib/usage/ledger.ts';
import { createPriceBook } from '../../lib/usage/prices/book.ts';
import { createResponseOwner } from '../../lib/usage/response-owner.ts';
import { createRestOfCall, type RestOfCall } from '../../lib/usage/rest-of-call.ts';
import { createKeyResolver, type KeyResolver } from '../../lib/virtual-keys/index.ts';
import { getContext } from './context.ts';

/**
 * The gateway in a route of the pages' server: for deployments without a front, as on Vercel. On one box the front
 * answers before a request gets here.
 */
let parts: { keys: KeyResolver; ledger: UsageLedger; providers: Providers } | undefined;
let gateway: Gateway | undefined;

function getParts() {
  const context = getContext();
  const providers = parts?.providers ?? providersFromSettings(context.settings);
  parts ??= {
    providers,
    keys: createKeyResolver(context),
    ledger: createLedger(context, { isDemo: (name) => providers.get(name)?.demo === true }),
  };
  return parts;
}

/** What `GET /api/gateway/shmastra/models` answers here. */
export async function answerOffer(request: Request, address: string | null): Promise<Response> {
  const { keys, providers } = getParts();
  const { settings } = getContext();
  const offer = modelOffer(providers, {
    models: settings.models,
    defaultModel: settings.sandbox.defaultModel,
    prices: createPriceBook({ overrides: settings.usage.prices }),
  });
  const question = { method: request.method, headers: Object.fromEntries(request.headers), address };
  const { status, headers, body } = await answerModelOffer(question, offer, keys.resolveFrom);
  return new Response(body, { status, headers });
}

export function getGateway(): Gateway {
  const { keys, ledger, providers } = getParts();
  const context = getContext();
  const { settings, log } = context;
  gateway ??= createGateway({
    resolveKey: keys.resolveFrom,
    responseOwner: createResponseOwner(context),
    ledger,
    providers,
    log,
    fetch: createFetchTransport(patientFetch()),
    limits: { drainMs: settings.gatewayDrainSeconds * 1000 },
  });
  return gateway;
}

/** What a route gives to `after` for each call that it reserves or settles. */
export function restOfCall(): RestOfCall {
  return createRestOfCall(getParts().ledger, getContext().log);
}

/** Checks for a gateway elsewhere; null when no secret is set for it. */
export function getChecks() {
  const context = getContext();
  const secret = context.settings.gatewayChecksSecret;
  if (secret === undefined) return null;
  const { keys, ledger } = getParts();
  const expected = Buffer.from(secret);
  return createChecks({
    resolveKey: keys.resolveFrom,
    responseOwner: createResponseOwner(context),
    ledger,
    isSecret: (token) => {
      const given = Buffer.from(token);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  });
}

/** Without `fetch`'s own 300 s for headers and pauses: models think. undici's types of the same classes are its own. */
function patientFetch(): typeof fetch {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });
  const fetchIt = (url: string, init: object) => undiciFetch(url, { ...init, dispatcher });
  return fetchIt as unknown as typeof fetch;
}
