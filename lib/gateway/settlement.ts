import type { Exchange } from './exchange.ts';
import { BodyRefusedError, causeOf, errorKind } from './failures.ts';
import type { CallFacts, Outcome, Reservation } from './ledger.ts';

/** Books the end of a call and logs it. @param reservation null for a call that got none @see Ledger.settle */
export function settleCall(
  { state, head, provider }: Exchange,
  reservation: Reservation | null,
  facts: CallFacts,
  outcome: Outcome,
): void | Promise<void> {
  const { options } = state;
  const { requestId } = head;
  let booked: void | Promise<void> = undefined;
  if (reservation !== null) {
    try {
      booked = options.ledger.settle(reservation, facts, outcome);
    } catch (error) {
      options.log.warn({ err: error, requestId }, 'a call could not be settled');
    }
  }
  const line = {
    requestId,
    provider: facts.provider,
    userId: facts.userId,
    keyId: facts.keyId,
    model: facts.model,
    status: outcome.status,
    clientGone: outcome.clientGone,
    demo: provider.demo,
    ms: Math.round(outcome.latencyMs),
  };
  const say = (): void => options.log.info(line, 'model call');
  // Writing it takes longer than booking the call. The end of the answer, which waits for that, goes first.
  if (booked) void booked.then(() => queueMicrotask(say), say);
  else say();
  return booked;
}

/** Failures before a connection was there, or of a body that we ended. */
export function neverArrived(error: unknown): boolean {
  return causeOf(error, (cause) => cause instanceof BodyRefusedError || NOT_CONNECTED.test(errorKind(cause))) !== null;
}

const NOT_CONNECTED = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
