import { vi } from 'vitest';
import { createGateway, type UpstreamCall } from '../gateway.ts';
import type { LimitRefusal } from '../ledger.ts';
import type { Provider, ProviderName, Providers } from '../provider.ts';
import type { ResponseOwner } from '../stored-ids.ts';
import { createMemoryLedger } from './memory-ledger.ts';

export const USER = '0b54c5ba-6d5f-4f0e-9a3a-0a7f5bbd3c11';
export const KEY = `vk_${USER}_${'a'.repeat(32)}`;
export const REAL = 'sk-real-secret-0123456789';

const live = (name: ProviderName, baseUrl: string): [string, Provider] => [
  name,
  { name, protocol: name, baseUrl, keys: [{ secret: REAL, weight: 1 }], demo: false },
];
export const providers: Providers = new Map([
  live('openai', 'https://openai.test/v1'),
  live('anthropic', 'https://anthropic.test/v1'),
  live('google', 'https://google.test/v1beta'),
  live('composio', 'https://composio.test/api/v3'),
]);

type Options = {
  answer?: (call: UpstreamCall) => Response | Promise<Response>;
  providers?: Providers;
  refuse?: () => LimitRefusal | null;
  responseOwner?: ResponseOwner;
};

export function setUp(options: Options = {}) {
  const { ledger, settled, open } = createMemoryLedger(options.refuse ? { refuse: options.refuse } : {});
  const calls: UpstreamCall[] = [];
  const lines: unknown[] = [];
  const log = (fields: Record<string, unknown>, message: string) => void lines.push({ ...fields, message });
  const onCall = vi.fn<() => void>();
  const gateway = createGateway({
    resolveKey: async (plain) => (plain === KEY ? { keyId: 'k1', userId: USER } : null),
    providers: options.providers ?? providers,
    fetch: async (call) => {
      calls.push(call);
      return options.answer
        ? options.answer(call)
        : new Response('{}', { headers: { 'content-type': 'application/json' } });
    },
    ledger,
    limits: { drainMs: 200 },
    log: { info: log, warn: log },
    onCall,
    ...(options.responseOwner ? { responseOwner: options.responseOwner } : {}),
  });
  const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}, signal = AbortSignal.timeout(5000)) =>
    gateway(new Request(`http://gateway/api/gateway${path}`, init), { signal, requestId: 'request-1' });
  return { calls, lines, onCall, send, settled, open };
}

export const text = (body: unknown) => new TextDecoder().decode(body instanceof Uint8Array ? body : new Uint8Array());

export const BODY = '{"model":"gpt-5-mini"}';
export const openai = (body = BODY, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body,
  headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
});
