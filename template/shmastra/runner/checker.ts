import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppProcess } from './app-process.ts';
import type { Bundle, Bundler } from './bundler.ts';
import type { Environment } from './environment.ts';
import type { SourceError } from './health.ts';
import { availableMb } from './memory.ts';
import type { CheckResult, CheckStage } from './project-control.ts';
import { checkTypes } from './type-check.ts';

type CheckerParts = {
  projectDir: string;
  bundler: Bundler;
  hangSeconds: number;
  memoryMb: number;
  environment: () => Environment;
};

/** A warm process, and the folder where the code that it loads may keep data. */
type Spare = { process: AppProcess; dataDir: string; timer: NodeJS.Timeout };

/** Who asked for a check waits for it: code that keeps the process busy for so long hangs. */
const HANG_SECONDS = 5;
/** Code that waits at its top level for so long, without being busy, most likely waits for ever. */
const LOAD_SECONDS = 20;
/** A warm process that nobody has used for so long is not worth its memory. */
const SPARE_MS = 120_000;
/** What must be left on the machine for one to be kept. */
const MIN_AVAILABLE_MB = 500;

/** Checks the project's code without touching what serves. */
export class Checker {
  readonly #parts: CheckerParts;
  #spare: Promise<Spare> | undefined;
  #closed = false;

  constructor(parts: CheckerParts) {
    this.#parts = parts;
  }

  /** Has a warm process ready for the next import. */
  prepare(): void {
    if (this.#closed || availableMb() < MIN_AVAILABLE_MB) return;
    if (this.#spare === undefined) this.#spare = this.#start();
    else void this.#spare.then(({ timer }) => timer.refresh());
  }

  /** Throws the warm process away: it has another environment or other packages than the project has now. */
  discard(): void {
    const spare = this.#spare;
    this.#spare = undefined;
    void spare?.then((one) => this.#end(one));
  }

  close(): void {
    this.#closed = true;
    this.discard();
  }

  async check(onStage: (stage: CheckStage) => void = () => {}): Promise<CheckResult> {
    const stages: CheckStage[] = [];
    const stage = async (name: CheckStage['stage'], work: () => Promise<Pick<CheckStage, 'state' | 'errors'>>) => {
      const started = performance.now();
      const { state, errors } = await work();
      const done: CheckStage = { stage: name, state, ms: Math.round(performance.now() - started), errors };
      stages.push(done);
      onStage(done);
    };
    let bundle: Bundle | undefined;
    await stage('bundle', async () => {
      const result = await this.#parts.bundler.build();
      if (result.kind === 'failed') return { state: 'failed', errors: result.errors };
      bundle = result.bundle;
      // Loads Mastra while the types are being checked.
      this.#spare ??= this.#start();
      return { state: 'ok', errors: [] };
    });
    await stage('types', async () => (bundle === undefined ? NOT_BUNDLED : checkTypes(this.#parts.projectDir)));
    await stage('import', async () => {
      if (bundle === undefined) return NOT_BUNDLED;
      const error = await this.import(bundle);
      return error === undefined ? { state: 'ok', errors: [] } : { state: 'failed', errors: [error] };
    });
    return { ok: stages.every(({ state }) => state !== 'failed'), stages };
  }

  /** Imports a bundle in a process that is then thrown away. Says what is wrong with it. */
  async import(bundle: Bundle): Promise<SourceError | undefined> {
    const taken = this.#spare ?? this.#start();
    this.#spare = undefined;
    const spare = await taken;
    try {
      const outcome = await spare.process.load(bundle.file);
      if (outcome.kind === 'loaded' || outcome.kind === 'restart-needed') return undefined;
      return outcome.error;
    } finally {
      await this.#end(spare);
    }
  }

  async #start(): Promise<Spare> {
    const { projectDir, memoryMb, hangSeconds, bundler } = this.#parts;
    const dataDir = await mkdtemp(join(tmpdir(), 'shmastra-check-'));
    const process = new AppProcess({
      projectDir,
      memoryMb,
      hangSeconds: Math.min(hangSeconds, HANG_SECONDS),
      loadSeconds: LOAD_SECONDS,
      purpose: 'check',
    });
    process.configure({ ...this.#parts.environment(), MASTRA_DATA_DIR: dataDir });
    void process.preload(await bundler.writePreload(bundler.packages));
    const spare = { process, dataDir, timer: setTimeout(() => this.#expire(spare), SPARE_MS) };
    // Killed by a machine that is short of memory: the next check starts another.
    void process.exited.then(() => this.#expire(spare));
    return spare;
  }

  async #expire(expired: Spare): Promise<void> {
    const current = this.#spare;
    if (current !== undefined && (await current) === expired && this.#spare === current) this.discard();
  }

  async #end({ process, dataDir, timer }: Spare): Promise<void> {
    clearTimeout(timer);
    process.kill({ message: 'no longer needed' });
    await process.exited;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

const NOT_BUNDLED: Pick<CheckStage, 'state' | 'errors'> = {
  state: 'skipped',
  errors: [{ message: 'The code could not be bundled.' }],
};
