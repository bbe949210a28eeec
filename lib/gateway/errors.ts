import type { ProviderName } from './provider.ts';

/** An error of the gateway itself, told in the format of the provider that the caller believes to talk to. */
export type GatewayError = {
  status: number;
  code:
    | 'invalid_api_key'
    | 'path_not_allowed'
    | 'method_not_allowed'
    | 'bad_path'
    | 'body_too_large'
    | 'invalid_body'
    | 'provider_not_configured'
    | 'provider_key_rejected'
    | 'provider_unreachable'
    | 'provider_timeout'
    | 'provider_redirect'
    | 'unavailable';
  message: string;
  next?: string;
  retryAfterSeconds?: number;
};

const GOOGLE_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  413: 'INVALID_ARGUMENT',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};
const ANTHROPIC_TYPE: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  504: 'timeout_error',
};

export function gatewayErrorResponse(provider: ProviderName | null, error: GatewayError): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(error.retryAfterSeconds));
  // SDKs repeat every 5xx; what only an admin can change is not worth repeating.
  else if (error.status >= 500) headers.set('x-should-retry', 'false');
  return new Response(JSON.stringify(body(provider, error)), { status: error.status, headers });
}

function body(provider: ProviderName | null, error: GatewayError): unknown {
  const { status, code, next } = error;
  const message = next === undefined ? error.message : `${error.message} ${next}`;
  switch (provider) {
    case 'openai':
      return { error: { message, type: openaiType(status), param: null, code } };
    case 'anthropic':
      return { type: 'error', error: { type: ANTHROPIC_TYPE[status] ?? 'api_error', message, code } };
    case 'google':
      return { error: { code: status, message, status: GOOGLE_STATUS[status] ?? 'UNKNOWN', details: [info(code)] } };
    case 'composio':
      return { error: { message, status, slug: code, ...(next === undefined ? {} : { suggested_fix: next }) } };
    case null:
      return { error: { code, message: error.message, ...(next === undefined ? {} : { next }) } };
  }
}

function openaiType(status: number): string {
  if (status === 401) return 'authentication_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function info(code: string): unknown {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code.toUpperCase(), domain: 'gateway' };
}
