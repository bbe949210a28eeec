import { AppError, UnavailableError } from '../../lib/errors.ts';
import type { Refusal } from '../../lib/mastra-proxy/decide.ts';
import { BodyTooLargeError, tooLarge } from './body-limit.ts';

/** The sandbox runs, its server does not yet. */
export function serverNotListening(): Refusal {
  return {
    action: 'refuse',
    httpStatus: 503,
    code: 'server_not_listening',
    message: 'The server in your workspace is starting.',
    next: 'Try again in a moment.',
    retryAfterSeconds: 2,
    sandboxStatus: 'ready',
  };
}

/** What to tell about a request that got no answer. */
export function forwardingError(error: Error): AppError {
  if (error instanceof BodyTooLargeError) return tooLarge();
  const code = errorCode(error);
  if (
    code === 'ECONNREFUSED' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'ENOTFOUND' ||
    code === 'EHOSTUNREACH'
  ) {
    return new UnavailableError('engine_unavailable', 'Sandboxes cannot be reached at the moment.', {
      next: 'Try again in a moment; if it stays, ask an admin.',
      cause: error,
    });
  }
  return new AppError('sandbox_connection_lost', 'The connection to your workspace broke before it answered.', {
    status: 502,
    next: 'Check whether it took effect before you repeat it.',
    cause: error,
  });
}

/** A kept connection that the other side closed while it was taken up. */
export function isConnectionReset(error: Error): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error));
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
