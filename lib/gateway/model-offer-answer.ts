import type { GatewayOptions } from './core.ts';
import { readVirtualKey } from './credentials.ts';
import { errorReply, type Reply } from './errors.ts';
import { invalidKey, notFound } from './failures.ts';
import type { HeaderBag } from './headers.ts';
import type { ModelOffer } from './model-offer.ts';

export type OfferQuestion = { method: string; headers: HeaderBag; address: string | null };

/** Answers `GET /api/gateway/shmastra/models`. Asking is no work: it keeps no sandbox awake. */
export async function answerModelOffer(
  { method, headers, address }: OfferQuestion,
  offer: ModelOffer,
  resolveKey: GatewayOptions['resolveKey'],
): Promise<Reply> {
  if (method !== 'GET') return errorReply(null, notFound('wrong_method'));
  // A bearer token, as for OpenAI.
  const plain = readVirtualKey('openai', headers, '');
  if (plain === null) return errorReply(null, invalidKey('The request has no valid virtual key.'));
  try {
    const caller = await resolveKey(plain, { address });
    if (caller === null) return errorReply(null, invalidKey('The virtual key is unknown, revoked or expired.'));
    if (!('keyId' in caller)) {
      const message = 'Too many requests with wrong keys came from this address.';
      return errorReply(null, { status: 429, code: 'too_many_attempts', message, ...caller });
    }
  } catch {
    const message = 'Virtual keys cannot be checked at the moment.';
    return errorReply(null, { status: 503, code: 'unavailable', message, retryAfterSeconds: 2 });
  }
  const reply = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status: 200, headers: reply, body: JSON.stringify(offer) };
}
