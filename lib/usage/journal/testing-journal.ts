import type { StartedCall } from '../events/event.ts';

export function aStartedCall(): StartedCall {
  return {
    id: crypto.randomUUID(),
    at: new Date().toISOString(),
    userId: crypto.randomUUID(),
    keyId: null,
    provider: 'openai',
    model: 'gpt-5-mini',
    operation: 'generate',
    requestId: null,
    held: 10,
    pricedBy: 'table',
  };
}
