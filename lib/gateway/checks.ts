import { z } from 'zod';
import type { GatewayOptions } from './core.ts';
import { CHECKS_MOUNT } from './http-ledger.ts';
import type { CallFacts, Outcome } from './ledger.ts';
import { isModelName } from './model-name.ts';
import { isRequestId } from './request-id.ts';
import { isResponseId } from './stored-ids.ts';

const count = z.int().nonnegative();
const provider = z.string().regex(/^[\x21-\x7e]{1,100}$/);
const callSchema = z.strictObject({
  requestId: z.string().refine(isRequestId),
  userId: z.uuid(),
  keyId: z.uuid(),
  provider,
  model: z.string().refine(isModelName).nullable(),
  operation: z.enum([
    'generate',
    'embed',
    'count_tokens',
    'image',
    'audio',
    'models',
    'tool_catalog',
    'tool_execution',
    'tool_account',
  ]),
  stream: z.boolean(),
  requestBytes: count,
  maxOutputTokens: count.nullable(),
  images: count,
}) satisfies z.ZodType<CallFacts>;
const reservationSchema = z.strictObject({ id: z.string().max(100), heldMicros: z.int() });
const usageSchema = z.strictObject({
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  longCacheWriteTokens: count,
  outputTokens: count,
  reasoningTokens: count,
  audioInputTokens: count,
  audioOutputTokens: count,
  imageInputTokens: count,
  imageOutputTokens: count,
  images: count,
  audioSeconds: z.number().nonnegative(),
  webSearches: count,
});
// A newer function may tell more than this control plane knows.
const outcomeSchema = z.object({
  usage: usageSchema.nullable(),
  billable: z.boolean(),
  status: z.int(),
  latencyMs: z.number(),
  firstByteMs: z.number().nullable(),
  clientGone: z.boolean(),
  serviceTier: z.string().max(64).optional(),
  responseId: z.string().refine(isResponseId).optional(),
});
const bodies = {
  key: z.strictObject({ key: z.string().max(200), address: z.string().max(100).nullable() }),
  reserve: z.strictObject({ call: callSchema }),
  adjust: z.strictObject({ reservation: reservationSchema, call: callSchema }),
  response: z.strictObject({ provider, id: z.string().refine(isResponseId) }),
  settle: z.strictObject({ reservation: reservationSchema, call: callSchema, outcome: outcomeSchema }),
};

export type ChecksAnswer = { status: number; body: unknown };

export type ChecksOptions = Pick<GatewayOptions, 'resolveKey' | 'ledger' | 'responseOwner'> & {
  /** Whether a bearer token is the secret, in constant time. */
  isSecret: (token: string) => boolean;
};

/**
 * The control plane's side of the checks over HTTP. Whoever has the secret can book on anybody: it is for our own
 * functions alone, and its route is on no listener that sandboxes reach.
 */
export function createChecks({ resolveKey, ledger, responseOwner, isSecret }: ChecksOptions) {
  return async (path: string, authorization: string | undefined, text: string): Promise<ChecksAnswer> => {
    const token = /^Bearer (\S{1,200})$/.exec(authorization ?? '')?.[1];
    if (token === undefined || !isSecret(token)) return refused(401, 'unauthorized', 'This route is internal.');
    const step = path.slice(CHECKS_MOUNT.length + 1);
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch {
      return refused(400, 'bad_request', 'The body is not JSON.');
    }
    switch (step) {
      case 'key': {
        const { data } = bodies.key.safeParse(given);
        return data ? { status: 200, body: { caller: await resolveKey(data.key, data) } } : badBody();
      }
      case 'reserve': {
        const { data } = bodies.reserve.safeParse(given);
        return data ? { status: 200, body: await ledger.reserve(data.call) } : badBody();
      }
      case 'adjust': {
        const { data } = bodies.adjust.safeParse(given);
        if (!data) return badBody();
        return { status: 200, body: { refusal: (await ledger.adjust?.(data.reservation, data.call)) ?? null } };
      }
      case 'response': {
        const { data } = bodies.response.safeParse(given);
        if (!data) return badBody();
        return { status: 200, body: { userId: (await responseOwner?.(data.provider, data.id)) ?? null } };
      }
      case 'settle': {
        const { data } = bodies.settle.safeParse(given);
        if (!data) return badBody();
        await ledger.settle(data.reservation, data.call, asOutcome(data.outcome));
        return { status: 200, body: {} };
      }
      default:
        return refused(404, 'not_found', 'There is nothing at this address.');
    }
  };
}

function asOutcome({ serviceTier, responseId, ...rest }: z.output<typeof outcomeSchema>): Outcome {
  return {
    ...rest,
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(responseId === undefined ? {} : { responseId }),
  };
}

function badBody(): ChecksAnswer {
  return refused(400, 'bad_request', 'The body is not what this step takes.');
}

function refused(status: number, code: string, message: string): ChecksAnswer {
  return { status, body: { error: { code, message } } };
}
