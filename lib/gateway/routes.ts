import { pathBelow } from '../mastra-proxy/request-path.ts';
import { isProviderName, type Protocol, type Providers } from './provider.ts';

/** Where the gateway is mounted. */
export const GATEWAY_MOUNT = '/api/gateway';

/**
 * What a sandbox may ask of a provider. One real key serves all tenants, so everything that names stored objects (files,
 * batches, assistants, stored responses, fine-tuned models, connected accounts of others) is left out.
 */
export type Operation =
  | 'generate'
  | 'embed'
  | 'count_tokens'
  | 'image'
  | 'audio'
  | 'models'
  | 'tool_catalog'
  | 'tool_execution'
  | 'tool_account';

/** Which of a protocol's formats the bodies of a route have. */
export type Format =
  | 'responses'
  | 'chat'
  | 'messages'
  | 'contents'
  | 'embeddings'
  | 'images'
  | 'audio'
  | 'plain'
  | 'tools'
  | 'connected_account'
  | 'account_link';

type Rule = { method: 'GET' | 'POST'; pattern: RegExp; operation: Operation; format: Format };

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const rule = (method: Rule['method'], pattern: string, operation: Operation, format: Format): Rule => ({
  method,
  pattern: new RegExp(`^${pattern}$`),
  operation,
  format,
});

const RULES: Record<Protocol, readonly Rule[]> = {
  openai: [
    rule('POST', '/responses', 'generate', 'responses'),
    rule('POST', '/chat/completions', 'generate', 'chat'),
    rule('POST', '/embeddings', 'embed', 'embeddings'),
    rule('POST', '/images/(?:generations|edits|variations)', 'image', 'images'),
    rule('POST', '/audio/(?:speech|transcriptions|translations)', 'audio', 'audio'),
    rule('GET', '/models', 'models', 'plain'),
    // A fine-tuned model's name (ft:...) has colons and belongs to the owner of the key. Names of others have slashes.
    rule('GET', `/models/${NAME}(?:/${NAME})?`, 'models', 'plain'),
  ],
  anthropic: [
    rule('POST', '/messages', 'generate', 'messages'),
    rule('POST', '/messages/count_tokens', 'count_tokens', 'messages'),
    rule('GET', '/models', 'models', 'plain'),
    rule('GET', `/models/${NAME}`, 'models', 'plain'),
  ],
  google: [
    rule('POST', `/models/${NAME}:(?:generateContent|streamGenerateContent)`, 'generate', 'contents'),
    rule('POST', `/models/${NAME}:(?:embedContent|batchEmbedContents)`, 'embed', 'contents'),
    rule('POST', `/models/${NAME}:countTokens`, 'count_tokens', 'contents'),
    rule('GET', '/models', 'models', 'plain'),
    rule('GET', `/models/${NAME}`, 'models', 'plain'),
  ],
  composio: [
    rule('GET', '/toolkits', 'tool_catalog', 'plain'),
    rule('GET', '/toolkits/(?:categories|changelog)', 'tool_catalog', 'plain'),
    rule('GET', `/toolkits/${NAME}`, 'tool_catalog', 'plain'),
    rule('GET', '/tools', 'tool_catalog', 'plain'),
    rule('GET', '/tools/enum', 'tool_catalog', 'plain'),
    rule('GET', `/tools/${NAME}`, 'tool_catalog', 'plain'),
    rule('POST', `/tools/execute/${NAME}`, 'tool_execution', 'tools'),
    rule('GET', '/connected_accounts', 'tool_account', 'plain'),
    rule('POST', '/connected_accounts', 'tool_account', 'connected_account'),
    rule('POST', '/connected_accounts/link', 'tool_account', 'account_link'),
  ],
};

/** Versions that callers write before the path; the upstream's base has its own. */
const VERSION: Record<Protocol, RegExp> = {
  openai: /^\/v1(?=\/|$)/,
  anthropic: /^\/v1(?=\/|$)/,
  google: /^\/v1(?:beta)?(?=\/|$)/,
  composio: /^\/api\/v3(?:\.\d)?(?=\/|$)/,
};

export type FoundRoute = {
  found: true;
  /** Name of the provider. It may not be configured. */
  name: string;
  protocol: Protocol;
  operation: Operation;
  format: Format;
  /** Below the upstream's base. */
  path: string;
};

export type GatewayRoute =
  | FoundRoute
  | { found: false; protocol: Protocol | null; reason: 'unknown_provider' | 'not_allowed' | 'wrong_method' };

/** @param path checked by `parseRequestPath` */
export function findGatewayRoute(method: string, path: string, providers: Providers): GatewayRoute {
  const below = pathBelow(path, GATEWAY_MOUNT) ?? '';
  const slash = below.indexOf('/', 1);
  const name = below.slice(1, slash === -1 ? undefined : slash);
  const protocol = protocolOf(name, providers);
  if (protocol === null) return { found: false, protocol: null, reason: 'unknown_provider' };
  const rest = below.slice(name.length + 1).replace(VERSION[protocol], '');
  let known = false;
  for (const { method: allowed, pattern, operation, format } of RULES[protocol]) {
    if (!pattern.test(rest)) continue;
    if (allowed === method) return { found: true, name, protocol, operation, format, path: rest };
    known = true;
  }
  return { found: false, protocol, reason: known ? 'wrong_method' : 'not_allowed' };
}

function protocolOf(name: string, providers: Providers): Protocol | null {
  return providers.get(name)?.protocol ?? (isProviderName(name) ? name : null);
}

const METERED = new Set<Operation>(['generate', 'embed', 'image', 'audio']);

/** Whether answers of the operation say what they used. */
export function isMetered(operation: Operation): boolean {
  return METERED.has(operation);
}
