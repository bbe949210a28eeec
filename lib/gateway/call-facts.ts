import type { BodyFacts } from './body/facts.ts';
import type { GatewayCaller } from './core.ts';
import type { Exchange } from './exchange.ts';
import type { CallFacts } from './ledger.ts';

/** What the ledger is told of a call. @param requestBytes as in CallFacts */
export function callFacts(
  { route, head, provider }: Exchange,
  { userId, keyId }: GatewayCaller,
  body: Partial<BodyFacts>,
  requestBytes: number,
): CallFacts {
  const { model = null, stream = false, maxOutputTokens = null, count = null } = body;
  const isImage = route.operation === 'image';
  const choices = isImage ? 1 : (count ?? 1);
  return {
    requestId: head.requestId,
    userId,
    keyId,
    provider: provider.name,
    model,
    operation: route.operation,
    stream,
    requestBytes,
    maxOutputTokens: maxOutputTokens === null ? null : maxOutputTokens * Math.max(1, choices),
    images: isImage ? (count ?? 1) : 0,
  };
}
