import { GATEWAY_BODY_LIMIT, GatewayBodyTooLargeError } from './body-limit.ts';
import type { GatewayError } from './errors.ts';
import type { ProviderName } from './provider.ts';

/** An answer of the provider that must not be passed on, and what is said instead; null for all others. */
export function refusedAnswer(provider: ProviderName, status: number): GatewayError | null {
  if (status === 401 || status === 407) {
    return {
      status: 502,
      code: 'provider_key_rejected',
      message: `${provider} refused the key of this installation.`,
      next: 'An admin has to set a valid key.',
    };
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return {
      status: 502,
      code: 'provider_redirect',
      message: `${provider} answered with a redirect, which is not followed.`,
    };
  }
  return null;
}

/** What is said when the call itself failed. */
export function transportFailure(error: unknown): GatewayError {
  if (hasCause(error, (cause) => cause instanceof GatewayBodyTooLargeError)) return tooLarge(GATEWAY_BODY_LIMIT);
  if (/timeout/i.test(errorKind(error))) {
    return {
      status: 504,
      code: 'provider_timeout',
      message: 'The provider did not answer in time.',
      retryAfterSeconds: 5,
    };
  }
  return {
    status: 502,
    code: 'provider_unreachable',
    message: 'The provider cannot be reached.',
    retryAfterSeconds: 5,
  };
}

/** The code or name of an error, without its text. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function hasCause(error: unknown, matches: (cause: unknown) => boolean): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (matches(cause)) return true;
  }
  return false;
}

export function invalidKey(message: string): GatewayError {
  return { status: 401, code: 'invalid_api_key', message };
}

export function tooLarge(limit: number): GatewayError {
  return { status: 413, code: 'body_too_large', message: `Bodies are limited to ${limit / 1024 / 1024} MB.` };
}

export function notConfigured(provider: ProviderName): GatewayError {
  const next = `An admin has to set the key of ${provider} in the settings of this installation.`;
  return { status: 503, code: 'provider_not_configured', message: `${provider} is not configured here.`, next };
}

export function notFound(reason: 'unknown_provider' | 'not_allowed' | 'wrong_method'): GatewayError {
  if (reason === 'wrong_method')
    return { status: 405, code: 'method_not_allowed', message: 'This method is not allowed here.' };
  const message =
    reason === 'unknown_provider'
      ? 'There is no such provider.'
      : 'This path of the provider is not open to sandboxes.';
  return { status: reason === 'unknown_provider' ? 404 : 403, code: 'path_not_allowed', message };
}
