import { AppError, ConflictError, type ErrorOptions } from '../errors.ts';

/** The engine has no such sandbox (any more). */
export class EngineSandboxMissingError extends AppError {
  constructor(sandboxId: string, options: ErrorOptions = {}) {
    super('engine_sandbox_missing', `The engine has no sandbox ${sandboxId}.`, { status: 404, ...options });
  }
}

/** Another process changes this sandbox just now. */
export class SandboxBusyError extends ConflictError {
  constructor(purpose: string | null) {
    super('sandbox_busy', purpose ? `The sandbox is busy: ${purpose}.` : 'The sandbox is busy.', {
      next: 'Try again in a moment.',
      retryAfterSeconds: 2,
    });
  }
}

/** The lease ran out or was taken by somebody else: whatever was being done must stop and write nothing more. */
export class LeaseLostError extends ConflictError {
  constructor() {
    super('lease_lost', 'The lease of the sandbox was lost while it was being changed.');
  }
}

/** The status does not allow this change. */
export class TransitionError extends ConflictError {
  constructor(from: string, to: string) {
    super('invalid_transition', `A sandbox that is ${from} cannot become ${to}.`);
  }
}
