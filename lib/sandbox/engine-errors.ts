import {
  AuthenticationError,
  NotEnoughSpaceError,
  NotFoundError as EngineNotFoundError,
  RateLimitError,
  ServiceBusyError,
  TimeoutError,
} from 'e2b';
import { AppError, UnavailableError } from '../errors.ts';
import { maskKeys } from '../log.ts';
import { EngineSandboxMissingError } from './errors.ts';

const MAX_REASON = 300;

/**
 * What the SDK threw, as an error with a code and a next step. A caller that aborted gets its own reason back. Without
 * a sandbox's id a "not found" is about the template.
 */
export function engineError(error: unknown, signal: AbortSignal | undefined, sandboxId: string | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof AppError) return error;
  const cause = error;
  const reason = maskKeys(error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON);
  if (error instanceof EngineNotFoundError && sandboxId) return new EngineSandboxMissingError(sandboxId, { cause });
  if (isTemplateMissing(error, reason, sandboxId)) {
    return new AppError('template_missing', 'The template of the sandboxes is not there.', {
      cause,
      status: 503,
      next: 'An admin builds it with: npm run template:build',
    });
  }
  if (error instanceof AuthenticationError) {
    return new AppError('engine_refused', 'The sandbox engine did not accept our key.', {
      cause,
      next: 'An admin checks E2B_API_KEY.',
    });
  }
  if (
    error instanceof NotEnoughSpaceError ||
    /no space left|not enough disk space|disk (is )?full|\b507\b/i.test(reason)
  ) {
    return new AppError('engine_full', 'The disk of the sandbox engine is full.', {
      cause,
      status: 507,
      next: 'An admin frees disk space or deletes sandboxes that nobody needs.',
    });
  }
  if (error instanceof RateLimitError || error instanceof ServiceBusyError) {
    return new UnavailableError('engine_busy', 'The sandbox engine is busy.', {
      cause,
      next: 'It is tried again by itself.',
    });
  }
  if (error instanceof TimeoutError || isNetworkError(error)) {
    return new UnavailableError('engine_unreachable', 'The sandbox engine does not answer.', {
      cause,
      next: 'It is tried again by itself.',
    });
  }
  return new AppError('engine_error', `The sandbox engine reported an error: ${reason}`, { cause });
}

function isTemplateMissing(error: unknown, reason: string, sandboxId: string | undefined): boolean {
  if (sandboxId !== undefined) return false;
  return error instanceof EngineNotFoundError || /^404\b/.test(reason) || /template.*not found/i.test(reason);
}

/** undici reports them as a TypeError with a cause, Connect as code `unavailable` or `aborted`. */
function isNetworkError(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
    if (/^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOST|UND_ERR)/.test(code)) return true;
    if (
      /fetch failed|socket hang up|other side closed|terminated|\[unavailable\]|\b502\b|\b503\b/i.test(current.message)
    ) {
      return true;
    }
  }
  return false;
}
