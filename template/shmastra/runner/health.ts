import { isDeepStrictEqual } from 'node:util';

export type AppState = 'starting' | 'ready' | 'failed';

/** Where the project's code went wrong. Lines and columns count from 1. */
export type SourceError = { message: string; file?: string; line?: number; column?: number };

export type HealthReport = {
  state: AppState;
  version: string;
  /** Counts the versions of the project's code that went live since the runner started. */
  revision: number;
  /** What `starting` waits for. */
  waiting?: 'environment' | 'app';
  error?: SourceError;
};

/** What the runner says about itself on GET /health and to those who follow its events. */
export class Health {
  readonly #version: string;
  #report: HealthReport;
  #listeners = new Set<(report: HealthReport) => void>();

  constructor(version: string) {
    this.#version = version;
    this.#report = { state: 'starting', version, revision: 0, waiting: 'app' };
  }

  get report(): HealthReport {
    return this.#report;
  }

  starting(waiting: 'environment' | 'app'): void {
    this.#publish({ state: 'starting', waiting }, this.#report.error);
  }

  /** A version of the code is live. `error` is that of a newer one which could not go live. */
  ready(revision: number, error?: SourceError): void {
    this.#publish({ state: 'ready', revision }, error);
  }

  /** Nothing can be served until the code changes. */
  failed(error: SourceError): void {
    this.#publish({ state: 'failed' }, error);
  }

  subscribe(listener: (report: HealthReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(
    change: Pick<HealthReport, 'state' | 'waiting'> & { revision?: number },
    error: SourceError | undefined,
  ): void {
    const next: HealthReport = { version: this.#version, revision: this.#report.revision, ...change };
    if (error !== undefined) next.error = error;
    if (isDeepStrictEqual(next, this.#report)) return;
    this.#report = next;
    for (const listener of this.#listeners) listener(next);
  }
}
