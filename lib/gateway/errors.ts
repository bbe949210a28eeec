import type { Protocol } from './provider.ts';

/** An error of the gateway itself, told in the format of the provider that the caller believes to talk to. */
export type GatewayError = {
  status: number;
  code:
    | 'invalid_api_key'
    | 'too_many_attempts'
    | 'path_not_allowed'
    | 'method_not_allowed'
    | 'bad_path'
    | 'body_too_large'
    | 'invalid_body'
    | 'stored_object_not_allowed'
    | 'previous_response_not_found'
    | 'provider_not_configured'
    | 'provider_key_rejected'
    | 'provider_unreachable'
    | 'provider_timeout'
    | 'provider_redirect'
    | 'provider_error'
    | 'insufficient_quota'
    | 'rate_limit_exceeded'
    | 'model_not_allowed'
    | 'unavailable';
  message: string;
  next?: string;
  retryAfterSeconds?: number;
  /** When a limit is lifted, ISO 8601. */
  resetsAt?: string;
  /** OpenAI's `type` where it follows from more than the status. */
  openaiType?: string;
};

/** An answer of our own. */
export type Reply = { status: number; headers: Record<string, string>; body: string };

const GOOGLE_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};
const ANTHROPIC_TYPE: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  415: 'invalid_request_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};
/** Codes that are the same after a while, or the same at once: SDKs should not repeat the call by themselves. */
const HOPELESS = new Set<GatewayError['code']>(['insufficient_quota']);

export function errorReply(protocol: Protocol | null, given: GatewayError): Reply {
  const error = inTheWayOf(protocol, given);
  const { retryAfterSeconds, resetsAt, status } = error;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-gateway-error': error.code,
  };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterSeconds)));
  if (resetsAt !== undefined) headers['x-gateway-resets-at'] = resetsAt;
  // SDKs repeat every 5xx; what only an admin can change is not worth repeating.
  if (HOPELESS.has(error.code) || (status >= 500 && retryAfterSeconds === undefined)) {
    headers['x-should-retry'] = 'false';
  }
  return { status, headers, body: JSON.stringify(body(protocol, error)) };
}

/** Anthropic has a status of its own for money. */
function inTheWayOf(protocol: Protocol | null, error: GatewayError): GatewayError {
  return protocol === 'anthropic' && error.code === 'insufficient_quota' ? { ...error, status: 402 } : error;
}

function body(protocol: Protocol | null, error: GatewayError): unknown {
  const { status, code, next, resetsAt } = error;
  const message = next === undefined ? error.message : `${error.message} ${next}`;
  const resets = resetsAt === undefined ? {} : { resets_at: resetsAt };
  switch (protocol) {
    case 'openai':
      return { error: { message, type: error.openaiType ?? openaiType(status), param: null, code, ...resets } };
    case 'anthropic':
      return { type: 'error', error: { type: ANTHROPIC_TYPE[status] ?? 'api_error', message, code, ...resets } };
    case 'google':
      return { error: { code: status, message, status: GOOGLE_STATUS[status] ?? 'UNKNOWN', details: details(error) } };
    case 'composio':
      return {
        error: { message, status, slug: code, ...(next === undefined ? {} : { suggested_fix: next }), ...resets },
      };
    case null:
      return { error: { code, message: error.message, ...(next === undefined ? {} : { next }) } };
  }
}

function openaiType(status: number): string {
  if (status === 401) return 'authentication_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function details({ code, retryAfterSeconds, resetsAt }: GatewayError): unknown[] {
  const metadata = resetsAt === undefined ? {} : { metadata: { resetsAt } };
  const list: unknown[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: code.toUpperCase(),
      domain: 'gateway',
      ...metadata,
    },
  ];
  if (retryAfterSeconds !== undefined) {
    const retryDelay = `${Math.max(1, Math.ceil(retryAfterSeconds))}s`;
    list.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  return list;
}
