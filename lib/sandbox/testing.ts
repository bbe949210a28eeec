import { AppError } from '../errors.ts';
import type {
  CreateOptions,
  EngineSandbox,
  EngineState,
  ListedSandbox,
  RunnerHealth,
  RunOptions,
  RunResult,
  SandboxEngine,
} from './engine.ts';
import { EngineSandboxMissingError } from './errors.ts';

export type FakeSandbox = {
  sandboxId: string;
  state: 'running' | 'paused';
  metadata: Record<string, string>;
  startedAt: Date;
  environment: string | undefined;
};

type Operation = Exclude<keyof SandboxEngine, never> | 'run';

/**
 * An engine in memory, to bring about at will what a real one does seldom: failures, lost answers, slow replies. The
 * integration tests run the same functions on the real engine.
 */
export class FakeEngine implements SandboxEngine {
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly calls: Operation[] = [];
  /** Called before each operation. May throw, or wait. */
  before: (operation: Operation, sandboxId?: string) => Promise<void> | void = () => {};
  /** What 4111 says. By default ready as soon as the environment is written. */
  healthOf: (sandbox: FakeSandbox) => RunnerHealth | null = ({ environment }) =>
    healthOf(environment ? 'ready' : 'starting');
  #next = 1;

  async create({ metadata, template, signal }: CreateOptions): Promise<EngineSandbox> {
    await this.#enter('create', undefined, signal);
    if (template === 'missing') throw new AppError('template_missing', 'The template of the sandboxes is not there.');
    const sandboxId = `fake${this.#next++}`;
    const sandbox: FakeSandbox = {
      sandboxId,
      state: 'running',
      metadata,
      startedAt: new Date(),
      environment: undefined,
    };
    this.sandboxes.set(sandboxId, sandbox);
    await this.before('create', sandboxId);
    return this.#handle(sandbox);
  }

  async connect(sandboxId: string, { signal }: { signal?: AbortSignal }): Promise<EngineSandbox> {
    await this.#enter('connect', sandboxId, signal);
    const sandbox = this.#existing(sandboxId);
    sandbox.state = 'running';
    return this.#handle(sandbox);
  }

  async extend(sandboxId: string): Promise<void> {
    await this.#enter('extend', sandboxId);
    this.#existing(sandboxId);
  }

  async inspect(sandboxId: string): Promise<EngineState> {
    await this.#enter('inspect', sandboxId);
    return this.sandboxes.get(sandboxId)?.state ?? 'missing';
  }

  async list(metadata: Record<string, string>): Promise<ListedSandbox[]> {
    await this.#enter('list');
    return [...this.sandboxes.values()].filter((sandbox) =>
      Object.entries(metadata).every(([name, value]) => sandbox.metadata[name] === value),
    );
  }

  async kill(sandboxId: string): Promise<boolean> {
    await this.#enter('kill', sandboxId);
    return this.sandboxes.delete(sandboxId);
  }

  async health(sandboxId: string): Promise<RunnerHealth | null> {
    await this.#enter('health', sandboxId);
    const sandbox = this.sandboxes.get(sandboxId);
    return sandbox?.state === 'running' ? this.healthOf(sandbox) : null;
  }

  #handle(sandbox: FakeSandbox): EngineSandbox {
    return {
      sandboxId: sandbox.sandboxId,
      run: async (command, options) => {
        await this.#enter('run', sandbox.sandboxId, options.signal);
        return runFake(this.#existing(sandbox.sandboxId), command, options);
      },
    };
  }

  #existing(sandboxId: string): FakeSandbox {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) throw new EngineSandboxMissingError(sandboxId);
    return sandbox;
  }

  async #enter(operation: Operation, sandboxId?: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.calls.push(operation);
    // `create` calls it once more when the sandbox exists, so that tests can lose the answer.
    await this.before(operation, sandboxId);
  }
}

export function healthOf(state: RunnerHealth['state'], error?: string): RunnerHealth {
  return { state, version: '1', revision: undefined, error };
}

function runFake(sandbox: FakeSandbox, command: string, { environment }: RunOptions): RunResult {
  const ok = { exitCode: 0, stdout: '', stderr: '' };
  const written = environment?.['SHMASTRA_ENVIRONMENT'];
  if (written !== undefined) {
    sandbox.environment = written;
    return ok;
  }
  const wanted = /SANDBOX_EPOCH=\d+/.exec(command)?.[0];
  if (wanted) return { ...ok, exitCode: sandbox.environment?.includes(wanted) ? 0 : 1 };
  return { ...ok, stdout: 'version: test-template\n' };
}
