import { type CallFacts, type LimitRefusal, NO_USAGE, type Outcome, type Reservation } from '../gateway/ledger.ts';

/** gpt-5-mini: 0.25 dollars per million tokens in, 2 out. These settings hold 1,000 bytes / 2 * 0.25 + 1,000 * 2 = 2,125. */
export function aCall(userId: string, given: Partial<CallFacts> = {}): CallFacts {
  return {
    requestId: crypto.randomUUID(),
    userId,
    keyId: crypto.randomUUID(),
    provider: 'openai',
    model: 'gpt-5-mini',
    operation: 'generate',
    stream: false,
    requestBytes: 1_000,
    maxOutputTokens: 1_000,
    images: 0,
    ...given,
  };
}
export const HELD = 2_125;

export function anOutcome(given: Partial<Outcome> = {}): Outcome {
  return {
    usage: { ...NO_USAGE, inputTokens: 200, outputTokens: 100 },
    billable: true,
    status: 200,
    latencyMs: 12,
    firstByteMs: 5,
    clientGone: false,
    ...given,
  };
}
/** Of `anOutcome()`: 200 * 0.25 + 100 * 2. */
export const COST = 250;

export function granted(result: Reservation | LimitRefusal): Reservation {
  if ('refused' in result) throw new Error(`refused: ${result.message}`);
  return result;
}

export function refused(result: Reservation | LimitRefusal): LimitRefusal {
  if ('refused' in result) return result;
  throw new Error('granted');
}
