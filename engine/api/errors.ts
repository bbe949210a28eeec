/** An error that a caller of the API may see: `code` is the HTTP status and the number in the body. */
export class EngineError extends Error {
  readonly code: number;
  /** Seconds, for the Retry-After header of 429 and 503. */
  readonly retryAfter?: number;

  constructor(code: number, message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

export class BadRequestError extends EngineError {
  constructor(message: string) {
    super(400, message);
  }
}

export class UnauthorizedError extends EngineError {
  constructor(message = 'Invalid API key') {
    super(401, message);
  }
}

export class NotFoundError extends EngineError {
  constructor(message: string) {
    super(404, message);
  }
}

export class ConflictError extends EngineError {
  constructor(message: string) {
    super(409, message);
  }
}

/** Too many requests of one kind at once; the SDK tries again after `retryAfter` seconds. */
export class RateLimitError extends EngineError {
  constructor(message: string, retryAfter = 1) {
    super(429, message, { retryAfter });
  }
}

/** The machine has no room for another sandbox now. */
export class CapacityError extends EngineError {
  constructor(message: string, retryAfter = 5) {
    super(503, message, { retryAfter });
  }
}

/** The host's disk is (nearly) full: what was asked for fits once something was removed. */
export class DiskFullError extends EngineError {
  constructor(message = 'Not enough disk space on the engine host') {
    super(503, message, { retryAfter: 30 });
  }
}

/** A step on the host (runc, mount, ip, nft) failed. The message names the step, the cause holds its output. */
export class HostError extends EngineError {
  constructor(message: string, cause?: unknown) {
    super(500, message, { cause });
  }
}

/** The body of every error answer; unknown errors tell nothing about the inside. */
export function errorBody(error: unknown): { code: number; message: string } {
  if (error instanceof EngineError) return { code: error.code, message: error.message };
  return { code: 500, message: 'Internal engine error' };
}
