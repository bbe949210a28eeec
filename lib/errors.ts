/**
 * The one error hierarchy. An AppError is something a person or a caller can act on: it has a stable code, a message
 * that may be shown, and often a next step. Anything else that is thrown is a bug and never reaches a reply.
 */
export type ErrorOptions = {
  /** HTTP status of the reply. */
  status?: number;
  /** What the person should do now. */
  next?: string;
  /** When it is worth trying again, in whole seconds. Becomes Retry-After. */
  retryAfterSeconds?: number;
  cause?: unknown;
};

export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly next: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.status = options.status ?? 500;
    this.next = options.next;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The caller sent something that cannot be accepted: 400. */
export class InvalidInputError extends AppError {
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 400, ...options });
  }
}

/** Nobody is signed in, or the credential is unknown: 401. */
export class UnauthorizedError extends AppError {
  constructor(code = 'not_signed_in', message = 'Sign in to go on.', options: ErrorOptions = {}) {
    super(code, message, { status: 401, ...options });
  }
}

/** The caller is known and may not do this: 403. */
export class ForbiddenError extends AppError {
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 403, ...options });
  }
}

/** 404. */
export class NotFoundError extends AppError {
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 404, ...options });
  }
}

/** The state of things does not allow it now: 409. */
export class ConflictError extends AppError {
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 409, ...options });
  }
}

/** Something that we depend on is away for the moment: 503 with Retry-After. */
export class UnavailableError extends AppError {
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 503, retryAfterSeconds: 2, ...options });
  }
}

/** The settings do not allow a start. `problems` holds all of them and never a value. */
export class SettingsError extends AppError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('invalid_settings', `The settings have ${problems.length} problem(s):\n- ${problems.join('\n- ')}`, {
      next: 'Set the variables named above (.env.example explains each one) and start again.',
    });
    this.problems = problems;
  }
}

export type ErrorBody = { error: { code: string; message: string; next?: string } };

/** The JSON body of an error reply. An error that is not an AppError is a bug: its text stays in the log. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof AppError)) {
    return {
      error: { code: 'internal', message: 'Something went wrong on our side.', next: 'Try again in a moment.' },
    };
  }
  const { code, message, next } = error;
  return { error: next === undefined ? { code, message } : { code, message, next } };
}

/** The HTTP status that goes with `errorBody(error)`. */
export function errorStatus(error: unknown): number {
  return error instanceof AppError ? error.status : 500;
}
