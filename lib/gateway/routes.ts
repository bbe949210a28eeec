import { pathBelow } from '../mastra-proxy/request-path.ts';
import { isProviderName, type ProviderName } from './provider.ts';

/** Where the gateway is mounted. */
export const GATEWAY_MOUNT = '/api/gateway';

/**
 * What a sandbox may ask of a provider. One real key serves all tenants, so everything that names stored objects (files,
 * batches, assistants, stored responses, fine-tuned models, connected accounts) is left out.
 */
export type Operation =
  | 'generate'
  | 'embed'
  | 'count_tokens'
  | 'image'
  | 'audio'
  | 'models'
  | 'tool_catalog'
  | 'tool_execution';

type Rule = { method: 'GET' | 'POST'; pattern: RegExp; operation: Operation };

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const rule = (method: Rule['method'], pattern: string, operation: Operation): Rule => ({
  method,
  pattern: new RegExp(`^${pattern}$`),
  operation,
});

const RULES: Record<ProviderName, readonly Rule[]> = {
  openai: [
    rule('POST', '/responses', 'generate'),
    rule('POST', '/chat/completions', 'generate'),
    rule('POST', '/embeddings', 'embed'),
    rule('POST', '/images/generations', 'image'),
    rule('POST', '/audio/(?:speech|transcriptions|translations)', 'audio'),
    rule('GET', '/models', 'models'),
    // A fine-tuned model's name (ft:...) has colons and belongs to the owner of the key.
    rule('GET', `/models/${NAME}`, 'models'),
  ],
  anthropic: [
    rule('POST', '/messages', 'generate'),
    rule('POST', '/messages/count_tokens', 'count_tokens'),
    rule('GET', '/models', 'models'),
    rule('GET', `/models/${NAME}`, 'models'),
  ],
  google: [
    rule('POST', `/models/${NAME}:(?:generateContent|streamGenerateContent)`, 'generate'),
    rule('POST', `/models/${NAME}:(?:embedContent|batchEmbedContents)`, 'embed'),
    rule('POST', `/models/${NAME}:countTokens`, 'count_tokens'),
    rule('GET', '/models', 'models'),
    rule('GET', `/models/${NAME}`, 'models'),
  ],
  composio: [
    rule('GET', '/toolkits', 'tool_catalog'),
    rule('GET', `/toolkits/${NAME}`, 'tool_catalog'),
    rule('GET', '/tools', 'tool_catalog'),
    rule('GET', '/tools/enum', 'tool_catalog'),
    rule('GET', `/tools/${NAME}`, 'tool_catalog'),
    rule('POST', `/tools/execute/${NAME}`, 'tool_execution'),
  ],
};

/** Versions that callers write before the path; the upstream's base has its own. */
const VERSION: Record<ProviderName, RegExp> = {
  openai: /^\/v1(?=\/|$)/,
  anthropic: /^\/v1(?=\/|$)/,
  google: /^\/v1(?:beta)?(?=\/|$)/,
  composio: /^\/api\/v3(?:\.\d)?(?=\/|$)/,
};

export type GatewayRoute =
  | { found: true; provider: ProviderName; operation: Operation; /** Below the upstream's base. */ path: string }
  | { found: false; provider: ProviderName | null; reason: 'unknown_provider' | 'not_allowed' | 'wrong_method' };

/** @param path checked by `parseRequestPath` */
export function findGatewayRoute(method: string, path: string): GatewayRoute {
  const below = pathBelow(path, GATEWAY_MOUNT) ?? '';
  const name = below.split('/')[1] ?? '';
  if (!isProviderName(name)) return { found: false, provider: null, reason: 'unknown_provider' };
  const rest = below.slice(name.length + 1).replace(VERSION[name], '');
  const matching = RULES[name].filter((candidate) => candidate.pattern.test(rest));
  const allowed = matching.find((candidate) => candidate.method === method);
  if (allowed) return { found: true, provider: name, operation: allowed.operation, path: rest };
  return { found: false, provider: name, reason: matching.length > 0 ? 'wrong_method' : 'not_allowed' };
}
