import type { Checker } from './checker.ts';
import type { SourceError } from './health.ts';
import type { Log } from './log.ts';
import type { Runner } from './runner.ts';

/** What became of one stage of a check. A skipped stage says why in its one error. */
export type CheckStage = {
  stage: 'bundle' | 'types' | 'import';
  state: 'ok' | 'failed' | 'skipped';
  ms: number;
  errors: SourceError[];
};

export type CheckResult = { ok: boolean; stages: CheckStage[] };

/** `ms` counts from the call. */
export type LiveResult = { ms: number; revision: number } | { error: SourceError };

/** What the coding agent's process may ask of the runner. */
export interface ProjectControl {
  /**
   * A lease, renewed by each call: while it is held, saved files do not go live, so that only a checked whole does. It
   * ends by itself, and then what people have saved meanwhile goes live.
   */
  hold(seconds: number): void;
  /** Ends the lease: what is on disk goes live if it works. */
  release(): void;
  /** Warms a throw-away process, so that the next check is fast. */
  prepare(): void;
  /** Builds what is on disk, checks its types, and imports it in a throw-away process. Changes nothing that serves. */
  check(onStage?: (stage: CheckStage) => void): Promise<CheckResult>;
  /** Puts what is on disk on the air, whether held or not. Resolves when it serves, or cannot. */
  goLive(): Promise<LiveResult>;
}

type ControlParts = { runner: Runner; checker: Checker; log: Log };

export function createProjectControl({ runner, checker, log }: ControlParts): ProjectControl {
  return {
    hold: (seconds) => runner.hold(seconds),
    release: () => runner.release(),
    prepare: () => checker.prepare(),
    goLive: () => runner.goLive(),
    check: async (onStage) => {
      const result = await checker.check(onStage);
      const failed = result.stages.find(({ state }) => state === 'failed');
      const error = failed?.errors[0];
      if (failed !== undefined) log('error', 'a check found errors', { stage: failed.stage, errors: failed.errors });
      if (error !== undefined) runner.report(error);
      return result;
    },
  };
}
