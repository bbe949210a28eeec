import { AppProcess } from './app-process.ts';
import type { Backoff } from './backoff.ts';
import type { Bundle, Bundler } from './bundler.ts';
import type { Environment } from './environment.ts';
import type { Gate } from './gate.ts';
import type { Health, SourceError } from './health.ts';
import type { Log } from './log.ts';
import { projectEnvironment } from './project-environment.ts';

type RunnerParts = {
  projectDir: string;
  /** How long the app process may be busy without a break before it counts as hanging. */
  hangSeconds: number;
  bundler: Bundler;
  health: Health;
  gate: Gate;
  log: Log;
  backoff: Backoff;
  /** Called with the folders that the last build read from. */
  onFolders: (folders: string[]) => void;
};

/**
 * Keeps the newest version of the project's code that works on the air. One thing happens at a time: what comes up
 * meanwhile is noted, and done next.
 */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #todo = { build: true, restart: false };
  #app: AppProcess | undefined;
  #environment: Environment | undefined;
  /** Built, not yet tried. */
  #candidate: Bundle | undefined;
  /** The last one that was on the air. */
  #good: Bundle | undefined;
  #packages: string[] = [];
  #revision = 0;
  /** Why the newest code is not on the air. */
  #error: SourceError | undefined;
  #crash: SourceError | undefined;
  #serving: AppProcess | undefined;
  #working = false;
  #stopping = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Starts the app process, which loads Mastra while the code is being built and the environment may still be missing. */
  start(): void {
    this.#app = this.#spawn();
    void this.#work();
  }

  /** A source file may have changed. */
  build(): void {
    this.#todo.build = true;
    void this.#work();
  }

  /** Packages or .env have changed: only a new process sees that. */
  restart(): void {
    this.#parts.bundler.forget();
    this.#todo.build = true;
    this.#todo.restart = true;
    void this.#work();
  }

  setEnvironment(environment: Environment): void {
    const first = this.#environment === undefined;
    this.#environment = environment;
    if (first) this.#app?.configure(this.#appEnvironment());
    else this.#todo.restart = true;
    void this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#parts.gate.shut();
    await this.#app?.stop();
    await this.#parts.bundler.close();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#stopping && (await this.#step())) {
        // Each step may have left more to do.
      }
    } finally {
      this.#working = false;
    }
  }

  async #step(): Promise<boolean> {
    if (this.#todo.build) {
      this.#todo.build = false;
      await this.#build();
      return true;
    }
    if (this.#environment === undefined) return false;
    if (this.#todo.restart) {
      this.#todo.restart = false;
      await this.#replace();
      return true;
    }
    if (this.#app === undefined) {
      await this.#recover();
      return true;
    }
    if (this.#candidate !== undefined) {
      const first = this.#revision === 0;
      await this.#loadInto(this.#app, this.#candidate, first);
      return true;
    }
    return false;
  }

  async #build(): Promise<void> {
    const result = await this.#parts.bundler.build();
    if (result.kind === 'failed') {
      this.#candidate = undefined;
      this.#fail(result.error);
    } else if (result.kind === 'built') {
      this.#candidate = result.bundle;
      this.#parts.onFolders(result.bundle.folders);
      await this.#preload(result.bundle.packages);
    }
  }

  /** Packages take far longer to load than the project's own code, and don't need the environment. */
  async #preload(packages: string[]): Promise<void> {
    if (packages.join() === this.#packages.join()) return;
    this.#packages = packages;
    const file = await this.#parts.bundler.writePreload(packages);
    void this.#app?.preload(file).then(() => {
      if (this.#environment === undefined && this.#error === undefined) this.#parts.health.starting('environment');
    });
  }

  /** Loads a version and puts it on the air. */
  async #loadInto(app: AppProcess, bundle: Bundle, recover: boolean): Promise<void> {
    if (!(await this.#load(app, bundle))) return;
    this.#live(app, bundle);
    app.start(recover);
  }

  async #load(app: AppProcess, bundle: Bundle): Promise<boolean> {
    const started = performance.now();
    const outcome = await app.load(bundle.file);
    if (bundle === this.#candidate) this.#candidate = undefined;
    if (outcome.kind === 'loaded') {
      this.#parts.log('info', 'a version is loaded', { ms: Math.round(performance.now() - started) });
      return true;
    }
    if (outcome.kind === 'restart-needed') {
      this.#parts.log('info', 'the app process starts anew', { reason: outcome.reason });
      this.#candidate = bundle;
      this.#todo.restart = true;
      return false;
    }
    this.#fail(
      outcome.kind === 'failed' ? outcome.error : { message: `The code could not be loaded: ${outcome.reason}` },
    );
    return false;
  }

  #live(app: AppProcess, bundle: Bundle): void {
    this.#good = bundle;
    this.#serving = app;
    this.#error = undefined;
    this.#revision++;
    this.#parts.gate.open(app);
    this.#parts.health.ready(this.#revision);
    this.#parts.log('info', 'a version is live', { revision: this.#revision });
  }

  /** Starts another process beside the one that serves, and changes over once it is ready. */
  async #replace(): Promise<void> {
    const old = this.#app;
    const bundle = this.#candidate ?? this.#good;
    if (bundle === undefined || old === undefined) return;
    const next = this.#spawn();
    next.configure(this.#appEnvironment());
    if (await this.#load(next, bundle)) {
      // Both would want the same database file, even for a request: those that come now wait until the old one is gone.
      this.#app = next;
      this.#parts.gate.hold();
      await old.stop();
      this.#live(next, bundle);
      next.start(true);
    } else {
      await next.stop();
    }
  }

  /** The app process is gone: starts one with the last version that worked, and leaves out the one that did not. */
  async #recover(): Promise<void> {
    const { health, gate, backoff, log } = this.#parts;
    const waitMs = backoff.next();
    if (waitMs > 0) {
      gate.shut();
      health.failed(this.#error ?? this.#crash ?? { message: 'The app keeps stopping.' });
      log('warn', 'the app process starts again later', { waitMs });
      await backoff.wait(waitMs);
    }
    const error = this.#error;
    gate.hold();
    health.starting('app');
    this.#app = this.#spawn();
    this.#app.configure(this.#appEnvironment());
    const app = this.#app;
    // A run that ends the process would do so again.
    if (this.#good !== undefined) await this.#loadInto(app, this.#good, backoff.calm);
    // The newest code still is not on the air.
    if (error !== undefined && this.#candidate === undefined) this.#fail(error);
  }

  /** Code that cannot go live: what was live before stays, if there is something. */
  #fail(error: SourceError): void {
    const { health, gate, log } = this.#parts;
    this.#error = error;
    log('error', 'the code cannot go live', { error });
    if (this.#serving?.alive) {
      health.ready(this.#revision, error);
    } else {
      gate.shut();
      health.failed(error);
    }
  }

  #spawn(): AppProcess {
    const app = new AppProcess(this.#parts.projectDir, process.env, this.#parts.hangSeconds);
    void app.exited.then((reason) => {
      if (app !== this.#app || this.#stopping) return;
      this.#app = undefined;
      this.#parts.gate.hold();
      this.#parts.log('error', 'the app process is gone', { reason });
      this.#crash = { message: `The app stopped: ${reason}` };
      void this.#work();
    });
    return app;
  }

  #appEnvironment(): Environment {
    // The token opens this sandbox's port: the project's code has no use for it.
    const { SHMASTRA_SERVER_TOKEN: _token, ...environment } = this.#environment ?? {};
    return { ...projectEnvironment(this.#parts.projectDir), ...environment };
  }
}
