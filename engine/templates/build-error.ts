import type { Reason } from './records.ts';

/** Where a build failed: the number of a step, or what lies before and after them. */
export type FailedStep = 'base' | 'finalize' | `${number}`;

/** A build failed for a reason that its author can understand. */
export class BuildFailure extends Error {
  readonly step: FailedStep;

  constructor(step: FailedStep, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BuildFailure';
    this.step = step;
  }

  toReason(): Reason {
    return { message: this.message, step: this.step };
  }
}
