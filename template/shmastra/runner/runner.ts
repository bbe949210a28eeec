import { AppProcess, type LoadOutcome } from './app-process.ts';
import type { Backoff } from './backoff.ts';
import type { Bundle, Bundler } from './bundler.ts';
import type { Checker } from './checker.ts';
import type { Environment } from './environment.ts';
import type { FormerVersion } from './former-version.ts';
import type { Gate } from './gate.ts';
import type { Health, SourceError } from './health.ts';
import { Lease } from './lease.ts';
import type { Log } from './log.ts';
import { availableMb } from './memory.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { LiveResult } from './project-control.ts';
import { StallGuard } from './stall-guard.ts';
import { Versions } from './versions.ts';

type RunnerParts = {
  projectDir: string;
  /** How long the app process may be busy without a break before it counts as hanging. */
  hangSeconds: number;
  /** What the app process may hold in memory. */
  memoryMb: number;
  bundler: Bundler;
  checker: Checker;
  former: FormerVersion;
  health: Health;
  gate: Gate;
  log: Log;
  backoff: Backoff;
  /** What the app process gets beside the environment that the runner was started with. */
  environment: () => Environment;
  /** Called with the folders that the last build read from. */
  onFolders: (folders: string[]) => void;
};

type Waiter = (result: LiveResult) => void;

const MEMORY_CHECK_MS = 1000;
/** What another process beside the one that serves needs. */
const ROOM_MB = 400;
const LIVE_TIMEOUT_MS = 90_000;

/**
 * Keeps the newest version of the project's code that works on the air. One thing happens at a time: what comes up
 * meanwhile is noted, and done next.
 */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #todo = { build: true, restart: false };
  readonly #lease = new Lease(() => void this.#work());
  readonly #versions = new Versions();
  readonly #memory = new MemoryWatch();
  readonly #stallGuard = new StallGuard(() => this.#warmProcess());
  readonly #memoryTimer: NodeJS.Timeout;
  /** Those who want to know when the sources of now are live, and those who wait for a build that is on its way. */
  #asked: Waiter[] = [];
  #waiting: Waiter[] = [];
  #app: AppProcess | undefined;
  #configured = false;
  /** Built, not yet tried. */
  #candidate: Bundle | undefined;
  /** The newest that was tried. */
  #tried: Bundle | undefined;
  #packages: string[] = [];
  #revision = 0;
  /** Why the newest code is not on the air. */
  #error: SourceError | undefined;
  #crash: SourceError | undefined;
  /** A version whose process was ended while it loaded it. */
  #suspect: Bundle | undefined;
  #loading: AppProcess | undefined;
  #serving: AppProcess | undefined;
  #working = false;
  #stopping = false;
  #triedFormer = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#memoryTimer = setInterval(() => this.#watchMemory(), MEMORY_CHECK_MS);
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
    this.#parts.checker.discard();
    this.#tried = undefined;
    this.#todo.build = true;
    this.#todo.restart = true;
    void this.#work();
  }

  /** The sandbox's environment is there, or has changed. */
  configure(): void {
    if (this.#configured) this.#todo.restart = true;
    else this.#app?.configure(this.#parts.environment());
    this.#configured = true;
    this.#parts.checker.discard();
    void this.#work();
  }

  /** For so long saved files do not go live. */
  hold(seconds: number): void {
    this.#lease.renew(seconds);
  }

  release(): void {
    this.#lease.end();
  }

  /** Puts the sources on the air as they are now, whether held or not. */
  goLive(): Promise<LiveResult> {
    return new Promise((resolve) => {
      const started = performance.now();
      const timer = setTimeout(
        () => waiter({ error: { message: 'The code did not go live in time.' } }),
        LIVE_TIMEOUT_MS,
      );
      const waiter: Waiter = (result) => {
        clearTimeout(timer);
        resolve('error' in result ? result : { ...result, ms: Math.round(performance.now() - started) });
      };
      this.#asked.push(waiter);
      this.build();
    });
  }

  /** A check has found something: the newest code is not what is on the air. */
  report(error: SourceError): void {
    this.#error = error;
    if (this.#serving?.alive) this.#parts.health.ready(this.#revision, error);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#memoryTimer);
    this.#lease.end();
    this.#stallGuard.close();
    this.#parts.checker.close();
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
    if (this.#todo.build && (!this.#lease.held || this.#asked.length > 0 || this.#versions.good === undefined)) {
      this.#todo.build = false;
      await this.#build();
      return true;
    }
    if (!this.#configured) return false;
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
      await this.#loadInto(this.#app, this.#candidate);
      return true;
    }
    if (this.#error !== undefined && this.#formerIsLeft) {
      this.#triedFormer = true;
      await this.#loadFormer(this.#app, this.#error);
      return true;
    }
    return false;
  }

  async #build(): Promise<void> {
    this.#waiting.push(...this.#asked.splice(0));
    const result = await this.#parts.bundler.build();
    if (result.kind === 'failed') {
      this.#candidate = undefined;
      this.#tried = undefined;
      this.#fail(result.errors[0] ?? { message: 'The code cannot be bundled.' });
    } else if (result.bundle !== this.#tried || this.#todo.restart) {
      this.#candidate = result.bundle;
      this.#parts.onFolders(result.bundle.folders);
      await this.#preload(result.bundle.packages);
    } else if (this.#error === undefined) {
      this.#settle({ ms: 0, revision: this.#revision });
    } else if (result.bundle === this.#versions.good && this.#serving?.alive) {
      // Back to what is live already.
      this.#error = undefined;
      this.#parts.health.ready(this.#revision);
      this.#settle({ ms: 0, revision: this.#revision });
    } else {
      this.#settle({ error: this.#error });
    }
  }

  /** Packages take far longer to load than the project's own code, and don't need the environment. */
  async #preload(packages: string[]): Promise<void> {
    if (packages.join() === this.#packages.join()) return;
    this.#packages = packages;
    const file = await this.#parts.bundler.writePreload(packages);
    void this.#app?.preload(file).then(() => {
      if (!this.#configured && this.#error === undefined) this.#parts.health.starting('environment');
    });
  }

  /** Loads a version into the process that serves, or is about to, and puts it on the air. */
  async #loadInto(app: AppProcess, bundle: Bundle): Promise<void> {
    const serves = app === this.#serving;
    const outcome = await this.#load(app, bundle, () =>
      serves ? this.#stallGuard.load(app, bundle) : app.load(bundle.file),
    );
    if (outcome.kind === 'loaded') {
      const first = this.#revision === 0;
      this.#live(app, bundle);
      app.start(first);
    }
    if (outcome.kind === 'died' && serves) this.#suspect = bundle;
  }

  /** Nothing has worked since the start, and the version of the last run was not tried yet. */
  get #formerIsLeft(): boolean {
    return this.#versions.good === undefined && !this.#triedFormer;
  }

  /** Nothing has worked since the start: what was live before it serves until something does. */
  async #loadFormer(app: AppProcess, error: SourceError): Promise<void> {
    const former = await this.#parts.former.load();
    if (former === null) return this.#show(error);
    const newest = this.#tried;
    const outcome = await this.#load(app, former);
    this.#tried = newest;
    if (outcome.kind !== 'loaded') {
      this.#error = error;
      return this.#show(error);
    }
    this.#live(app, former, error);
    app.start(true);
  }

  async #load(app: AppProcess, bundle: Bundle, load = () => app.load(bundle.file)): Promise<LoadOutcome> {
    const started = performance.now();
    this.#loading = app;
    const outcome = await load();
    this.#loading = undefined;
    this.#tried = bundle;
    if (bundle === this.#candidate) this.#candidate = undefined;
    if (outcome.kind === 'loaded') {
      this.#parts.log('info', 'a version is loaded', { ms: Math.round(performance.now() - started) });
    } else if (outcome.kind === 'restart-needed' && app === this.#serving) {
      this.#parts.log('info', 'the app process starts anew', { reason: outcome.reason });
      this.#candidate = bundle;
      this.#todo.restart = true;
    } else {
      this.#fail(outcome.kind === 'restart-needed' ? { message: outcome.reason } : outcome.error);
    }
    return outcome;
  }

  /**
   * A version that hung while it was loaded may only have been slow. Whoever serves now must not be the one to find out:
   * if it works in a process that is thrown away, it goes live in one of its own.
   */
  async #tryAside(bundle: Bundle): Promise<void> {
    const error = await this.#parts.checker.import(bundle);
    if (this.#tried !== bundle || this.#candidate !== undefined || this.#stopping) return;
    if (error !== undefined) {
      if (this.#error?.file === undefined && error.file !== undefined) this.report(error);
      return;
    }
    this.#parts.log('info', 'the version was only slow to load');
    this.#candidate = bundle;
    this.#todo.restart = true;
    void this.#work();
  }

  /** `error` is that of a newer version which is not on the air. */
  #live(app: AppProcess, bundle: Bundle, error?: SourceError): void {
    if (app !== this.#serving) this.#memory.started();
    this.#versions.live(bundle);
    this.#parts.bundler.keep(this.#versions.kept);
    this.#serving = app;
    this.#error = error;
    this.#revision++;
    this.#parts.gate.open(app);
    this.#parts.health.ready(this.#revision, error);
    this.#parts.log('info', 'a version is live', { revision: this.#revision });
    if (error !== undefined) return;
    void this.#parts.former.keep(bundle);
    this.#settle({ ms: 0, revision: this.#revision });
  }

  #settle(result: LiveResult): void {
    for (const waiter of this.#waiting.splice(0)) waiter(result);
  }

  /** Starts another process beside the one that serves, and changes over once it is ready. */
  async #replace(): Promise<void> {
    const old = this.#app;
    const bundle = this.#candidate ?? this.#versions.good;
    if (bundle === undefined || old === undefined) return;
    // No room for two: the next step starts the new one.
    if (old === this.#serving && availableMb() < ROOM_MB) return this.#retire(old);
    const next = this.#spawn();
    next.configure(this.#parts.environment());
    const error = this.#candidate === undefined ? this.#error : undefined;
    if ((await this.#load(next, bundle)).kind === 'loaded') {
      // Both would want the same database file, even for a request: those that come now wait until the old one is gone.
      this.#app = next;
      this.#parts.gate.hold();
      await old.stop();
      this.#live(next, bundle, error);
      next.start(true);
    } else {
      await next.stop();
    }
  }

  async #retire(old: AppProcess): Promise<void> {
    this.#app = undefined;
    this.#parts.gate.hold();
    await old.stop();
  }

  /** The app process is gone: starts one with the last version that worked, and leaves out the one that did not. */
  async #recover(): Promise<void> {
    const { health, gate, backoff, log } = this.#parts;
    const bundle = this.#versions.good;
    const waitMs = this.#crash === undefined ? 0 : backoff.next();
    if (waitMs > 0) {
      gate.shut();
      health.failed(this.#error ?? this.#crash ?? { message: 'The app keeps stopping.' });
      log('warn', 'the app process starts again later', { waitMs });
      await backoff.wait(waitMs);
    }
    gate.hold();
    health.starting('app');
    const app = this.#stallGuard.take() ?? this.#warmProcess().process;
    this.#app = app;
    this.#crash = undefined;
    if (bundle === undefined) {
      // Nothing has worked yet: the next change of the code will be tried.
      if (this.#error !== undefined && this.#candidate === undefined) this.#fail(this.#error);
      return;
    }
    const newest = this.#tried;
    const error = this.#error;
    const outcome = await this.#load(app, bundle);
    this.#tried = newest;
    if (outcome.kind === 'died') this.#crash = outcome.error;
    if (outcome.kind !== 'loaded') return;
    this.#live(app, bundle, error);
    // A run that ends the process would do so again.
    app.start(backoff.calm);
    const suspect = this.#suspect;
    this.#suspect = undefined;
    if (suspect !== undefined) void this.#tryAside(suspect);
  }

  /** Code that cannot go live: what was live before stays, or is brought back, if there is something. */
  #fail(error: SourceError): void {
    this.#error = error;
    this.#parts.log('error', 'the code cannot go live', { error });
    this.#settle({ error });
    this.#show(error);
  }

  #show(error: SourceError): void {
    const { health, gate } = this.#parts;
    if (this.#serving?.alive) health.ready(this.#revision, error);
    else if (!this.#formerIsLeft && (this.#app !== undefined || this.#versions.good === undefined)) {
      gate.shut();
      health.failed(error);
    }
  }

  #spawn(): AppProcess {
    const { projectDir, hangSeconds, memoryMb } = this.#parts;
    const app = new AppProcess({ projectDir, hangSeconds, memoryMb });
    void app.exited.then((reason) => {
      if (app !== this.#app || this.#stopping) return;
      this.#app = undefined;
      this.#parts.gate.hold();
      this.#parts.log('error', 'the app process is gone', { reason });
      // Code that was only being loaded is dealt with where it was loaded.
      if (app !== this.#loading) this.#blame(app, reason);
      void this.#work();
    });
    return app;
  }

  #blame(app: AppProcess, reason: SourceError): void {
    this.#crash = reason;
    if (app !== this.#serving || !this.#versions.crashed()) return;
    const message = `The app stopped twice right after this version went live: ${reason.message}`;
    this.#error = { ...reason, message };
    this.#parts.log('error', 'the version before comes back', { error: this.#error });
    this.#parts.backoff.reset();
  }

  #warmProcess(): { process: AppProcess; warm: Promise<void> } {
    const process = this.#spawn();
    process.configure(this.#parts.environment());
    const warm = this.#parts.bundler.writePreload(this.#packages).then((file) => process.preload(file));
    return { process, warm };
  }

  #watchMemory(): void {
    const app = this.#app;
    if (app === undefined || app !== this.#serving || this.#working) return;
    const { memoryMb: limitMb, log } = this.#parts;
    const { residentMb, open } = app;
    const reason = this.#memory.sample({ residentMb, limitMb, open, quietMs: performance.now() - app.lastRequest });
    if (reason === undefined) return;
    log('warn', 'the app process is replaced because of its memory', { reason, residentMb: Math.round(residentMb) });
    this.#todo.restart = true;
    void this.#work();
  }
}
