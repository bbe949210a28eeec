import type { Logger } from 'pino';
import { BadRequestError, EngineError, RateLimitError } from '../api/errors.ts';
import { BuildFailure } from './build-error.ts';
import { BuildLog, type LogEntry, readLog } from './build-log.ts';
import { executeBuild } from './executor.ts';
import type { BuildInput, ExecutorParts } from './in-sandbox.ts';
import type { Build, Reason } from './records.ts';
import { type BuildStart, parseSteps } from './steps.ts';
import type { TemplateStore } from './template-store.ts';

/** Builds that run at once; others wait. */
const CONCURRENT = 2;
const MAX_WAITING = 50;
/** Logs of builds that ended last, kept in memory for those who still read them. */
const KEPT_LOGS = 5;

type Job = { build: Build; input: BuildInput };

/** Runs the builds, and knows their logs. */
export class Builds {
  readonly #store: TemplateStore;
  readonly #parts: ExecutorParts;
  readonly #beforeBuild: () => Promise<void>;
  readonly #afterBuild: () => Promise<void>;
  readonly #timeBuild: <T>(build: () => Promise<T>) => Promise<T>;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #logs = new Map<string, BuildLog>();
  readonly #waiting: Job[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: {
    store: TemplateStore;
    parts: ExecutorParts;
    beforeBuild: () => Promise<void>;
    afterBuild: () => Promise<void>;
    timeBuild: <T>(build: () => Promise<T>) => Promise<T>;
    log: Logger;
    now: () => number;
  }) {
    this.#store = options.store;
    this.#parts = options.parts;
    this.#beforeBuild = options.beforeBuild;
    this.#afterBuild = options.afterBuild;
    this.#timeBuild = options.timeBuild;
    this.#log = options.log;
    this.#now = options.now;
  }

  get areRunning(): boolean {
    return this.#running.size > 0;
  }

  /** @throws BadRequestError when it was started before or a step is not valid, RateLimitError when too many wait. */
  async start(build: Build, start: BuildStart): Promise<void> {
    if (build.status !== 'waiting') throw new BadRequestError('build is not in waiting state');
    if (this.#waiting.length >= MAX_WAITING) throw new RateLimitError('too many builds are waiting', 30);
    if (start.fromImage && start.fromTemplate) throw new BadRequestError('either fromImage or fromTemplate, not both');
    const steps = parseSteps(start.steps, start.force);
    const started: Build = { ...build, status: 'building' };
    // Known before the first wait, so that a second call finds it started.
    await this.#store.saveBuild(started);
    await this.#enqueue(started, { start, steps });
  }

  async #enqueue(build: Build, input: Pick<BuildInput, 'start' | 'steps'>): Promise<void> {
    const log = await BuildLog.create(this.#store.logFile(build.buildID), this.#now);
    this.#logs.set(build.buildID, log);
    this.#waiting.push({ build, input: { ...input, log, signal: this.#closing.signal } });
    this.#next();
  }

  async log(buildID: string): Promise<LogEntry[]> {
    return this.#logs.get(buildID)?.entries() ?? readLog(this.#store.logFile(buildID));
  }

  /** Ends all builds. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The engine was stopped during this build.'));
    for (const { build } of this.#waiting.splice(0)) {
      await this.#store.finish(build, {
        status: 'error',
        reason: { message: 'The engine was stopped before this build.' },
      });
    }
    await Promise.all(this.#running.values());
  }

  #next(): void {
    while (this.#running.size < CONCURRENT) {
      const job = this.#waiting.shift();
      if (!job) return;
      const { buildID } = job.build;
      const done = this.#run(job)
        .catch((error: unknown) =>
          this.#log.error({ err: error, build: buildID }, 'the end of a build was not recorded'),
        )
        .finally(() => {
          this.#running.delete(buildID);
          this.#next();
        })
        .then(this.#afterBuild)
        .catch((error: unknown) => this.#log.error({ err: error }, 'unused layers were not removed'));
      this.#running.set(buildID, done);
    }
  }

  async #run({ build, input }: Job): Promise<void> {
    const started = this.#now();
    try {
      await this.#beforeBuild();
      const result = await this.#timeBuild(() => executeBuild(this.#parts, input));
      await this.#store.finish(build, { status: 'ready', result });
      this.#log.info({ build: build.buildID, seconds: (this.#now() - started) / 1000 }, 'template built');
    } catch (error) {
      const reason = this.#describe(build, error);
      input.log.add('error', reason.message, reason.step);
      await this.#store.finish(build, { status: 'error', reason });
    } finally {
      await input.log.close();
      for (const id of [...this.#logs.keys()].filter((id) => !this.#running.has(id) || id === build.buildID)) {
        if (this.#logs.size > KEPT_LOGS + this.#running.size) this.#logs.delete(id);
      }
    }
  }

  #describe(build: Build, error: unknown): Reason {
    const { signal } = this.#closing;
    if (signal.aborted && signal.reason instanceof Error) return { message: signal.reason.message };
    if (error instanceof BuildFailure) {
      // The reason has the author's own commands and their output in it: it is in the build's log, not in the engine's.
      this.#log.info({ build: build.buildID, step: error.step }, 'template build failed');
      return error.toReason();
    }
    this.#log.error({ err: error, build: build.buildID }, 'template build failed');
    return { message: error instanceof EngineError ? error.message : 'Internal engine error' };
  }
}
