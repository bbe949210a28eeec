import { createGateway, type UpstreamCall } from '../../gateway.ts';
import { createGatewayCore } from '../../core.ts';
import type { GatewayLimits } from '../../limits.ts';
import type { Providers } from '../../provider.ts';
import { createMemoryLedger } from '../memory-ledger.ts';

const USER = '0b54c5ba-6d5f-4f0e-9a3a-0a7f5bbd3c11';
export const KEY = `vk_${USER}_${'a'.repeat(32)}`;
const REALS = [
  'sk-proj-REAL-openai-Zq9',
  'sk-ant-REAL-anthropic-Xw8',
  'AIzaREALgoogleVv7',
  'ak_REALcomposioUu6',
] as const;
/** What no answer, log or error may ever show. */
export const SECRETS: readonly string[] = REALS;

const LIMITS: Partial<GatewayLimits> = { drainMs: 1, wholeBody: 2048, body: 64 * 1024, bodyMemory: 1024 * 1024 };

/** A gateway without a network, whose provider does what the case says, and all that it let out. */
export function createWorld(answer: (call: UpstreamCall, sent: Uint8Array) => Response) {
  const { ledger, settled, open } = createMemoryLedger();
  const shown: string[] = [];
  const log = (fields: Record<string, unknown>, message: string): void => {
    const error = fields['err'];
    shown.push(
      message + JSON.stringify({ ...fields, err: error instanceof Error ? `${error.message}${error.stack}` : error }),
    );
  };
  const providers: Providers = new Map(
    (['openai', 'anthropic', 'google', 'composio'] as const).map((name, index) => [
      name,
      {
        name,
        protocol: name,
        baseUrl: `https://${name}.test/v1`,
        keys: [{ secret: REALS[index] ?? '', weight: 1 }],
        demo: false,
      },
    ]),
  );
  const sent: { call: UpstreamCall; body: Uint8Array }[] = [];
  const options = {
    resolveKey: async (plain: string) => (plain === KEY ? { keyId: 'k1', userId: USER } : null),
    providers,
    ledger,
    log: { info: log, warn: log },
    limits: LIMITS,
  };
  const gateway = createGateway({
    ...options,
    fetch: async (call) => {
      const body = new Uint8Array(await new Response(call.body as BodyInit | null).arrayBuffer());
      sent.push({ call, body });
      return answer(call, body);
    },
  });
  return { gateway, settled, open, shown, sent, core: createGatewayCore(options) };
}

/** Reads an answer to its end or to where it breaks off. */
export async function readAll(response: Response): Promise<{ text: string; broken: boolean }> {
  let text = '';
  const decoder = new TextDecoder('latin1');
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) text += decoder.decode(chunk);
    return { text, broken: false };
  } catch (error) {
    return { text: text + String(error), broken: true };
  }
}

export function leaks(text: string): string | undefined {
  return SECRETS.find((secret) => text.includes(secret));
}
