import type { GatewayError } from './errors.ts';
import type { LimitRefusal } from './ledger.ts';

/** Ends a body that is being sent: what is to be told in place of the provider's answer. */
export class BodyRefusedError extends Error {
  override name = 'BodyRefusedError';
  readonly refusal: GatewayError;
  constructor(refusal: GatewayError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** An answer of the provider that must not be passed on, and what is said instead; null for all others. */
export function refusedAnswer(provider: string, status: number): GatewayError | null {
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

/** In place of an error of the provider that is too long or quotes a key. */
export function hiddenError(provider: string, status: number): GatewayError {
  return {
    status: status >= 500 ? 502 : status,
    code: 'provider_error',
    message: `${provider} answered with status ${status}. Its words are not passed on, because they may quote secrets.`,
  };
}

/** What is said when the call itself failed. */
export function transportFailure(error: unknown): GatewayError {
  const refused = causeOf(error, (cause) => cause instanceof BodyRefusedError);
  if (refused instanceof BodyRefusedError) return refused.refusal;
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

/** The first of an error and its causes that matches, or null. */
export function causeOf(error: unknown, matches: (cause: unknown) => boolean): unknown {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (matches(cause)) return cause;
  }
  return null;
}

export function invalidKey(message: string): GatewayError {
  return { status: 401, code: 'invalid_api_key', message };
}

export function tooLarge(limit: number): GatewayError {
  return { status: 413, code: 'body_too_large', message: `Bodies are limited to ${limit / 1024 / 1024} MB.` };
}

export function busy(message: string): GatewayError {
  return { status: 503, code: 'unavailable', message, retryAfterSeconds: 2 };
}

export function notConfigured(provider: string): GatewayError {
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

/** A limit of ours in the words of the caller's API. */
export function limitError({ refused, message, next, retryAfterSeconds, resetsAt }: LimitRefusal): GatewayError {
  const more = {
    message,
    ...(next === undefined ? {} : { next }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(resetsAt === undefined ? {} : { resetsAt }),
  };
  switch (refused) {
    case 'budget':
      return { status: 429, code: 'insufficient_quota', openaiType: 'insufficient_quota', ...more };
    case 'model_not_allowed':
      return { status: 403, code: 'model_not_allowed', ...more };
    case 'tokens_per_minute':
      return { status: 429, code: 'rate_limit_exceeded', openaiType: 'tokens', ...more };
    case 'requests_per_minute':
    case 'parallel':
      return { status: 429, code: 'rate_limit_exceeded', openaiType: 'requests', ...more };
  }
}

export function tooManyAttempts(retryAfterSeconds: number): GatewayError {
  const message = 'Too many requests with wrong keys came from this address.';
  return { status: 429, code: 'too_many_attempts', message, retryAfterSeconds };
}

export function modelMissing(): GatewayError {
  return { status: 400, code: 'invalid_body', message: '"model" is missing.' };
}

export function modelTooLate(): GatewayError {
  return { status: 400, code: 'invalid_body', message: '"model" has to come in the first part of a large body.' };
}
