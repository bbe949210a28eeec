import { HostError } from '../api/errors.ts';
import { isAlive } from '../runtime/process.ts';
import { egressPolicy } from '../network/policy.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import type { Machines } from './machines.ts';
import { envdDefaults, newRecord, type CreateInput } from './new-record.ts';
import { Sandbox } from './sandbox.ts';
import type { Transitions } from './transitions.ts';
import type { EnvdEndpoint, EnvdInit, ResolvedTemplate } from './types.ts';

/** A spare that lives answers within milliseconds; after this (ms) a normal start is the faster way. */
const HEALTH_MS = 1000;

export type SpareParts = {
  machines: Pick<Machines, 'envd' | 'freeze' | 'thaw'>;
  transitions: Pick<Transitions, 'launch' | 'discard'>;
  store: Pick<SandboxStore, 'save'>;
  initEnvd(envd: EnvdEndpoint, init: EnvdInit): Promise<void>;
  /** Has envd run commands of no effect, so that its code is warm. Never fails; `signal` ends it. */
  warmUp(envd: EnvdEndpoint, signal: AbortSignal): Promise<void>;
  /** Whether envd at `url` answers within `timeoutMs`. */
  isHealthy(url: string, timeoutMs: number): Promise<boolean>;
  now(): number;
};

/** What a spare is launched with; whatever else create may ask for is set when it is taken. */
const LAUNCHED_WITH: CreateInput = {
  templateID: '',
  timeoutSeconds: 0,
  metadata: {},
  envVars: {},
  allowInternetAccess: true,
  allowPublicTraffic: true,
  onTimeout: 'kill',
  keepMemory: true,
  autoResume: false,
};

/** What a spare cannot give any more once it runs. */
export function fitsSpare(input: CreateInput): boolean {
  return egressPolicy(input) === null;
}

/**
 * A machine with its template's start command running, ahead of the create that takes it. Its record is not written
 * down before: after a crash it is a folder without a record, which the next start of the engine removes.
 */
export class Spare {
  readonly #parts: SpareParts;
  readonly #sandbox: Sandbox;
  #rest: NodeJS.Timeout | undefined;
  #freezing: Promise<void> = Promise.resolve();
  readonly #taken = new AbortController();

  private constructor(parts: SpareParts, sandbox: Sandbox) {
    this.#parts = parts;
    this.#sandbox = sandbox;
  }

  /** @throws EngineError; nothing of it is left then */
  static async launch(
    parts: SpareParts,
    template: ResolvedTemplate,
    addressIndex: number,
    signal: AbortSignal,
  ): Promise<Spare> {
    const sandbox = new Sandbox(newRecord(LAUNCHED_WITH, template, addressIndex, parts.now()));
    try {
      const process = await parts.transitions.launch(sandbox.record, signal);
      sandbox.record = { ...sandbox.record, process };
      signal.throwIfAborted();
      return new Spare(parts, sandbox);
    } catch (error) {
      await parts.transitions.discard(sandbox);
      throw error;
    }
  }

  get record(): SandboxRecord {
    return this.#sandbox.record;
  }

  get alive(): boolean {
    const { process } = this.record;
    return process !== null && isAlive(process);
  }

  /** Warms it up, and freezes it in `ms`, once its start command has had that long. @param onFailure it cannot be frozen */
  settle(ms: number, onFailure: (error: unknown) => void): void {
    const { machines, warmUp } = this.#parts;
    const { signal } = this.#taken;
    const warm = warmUp(machines.envd(this.record), signal);
    this.#rest = setTimeout(() => {
      void warm.then(() => {
        if (signal.aborted) return;
        this.#freezing = machines.freeze(this.record.id);
        this.#freezing.catch(onFailure);
      });
    }, ms);
  }

  /**
   * Makes it the sandbox that `input` asks for. Until the record is written down a crash leaves nothing of it, from then
   * on it is a sandbox as any other.
   * @throws Error when it does not answer; it has to be destroyed then
   */
  async become(template: ResolvedTemplate, input: CreateInput, signal: AbortSignal): Promise<Sandbox> {
    const { machines, store, initEnvd, isHealthy, now } = this.#parts;
    this.#taken.abort();
    clearTimeout(this.#rest);
    // One that cannot be frozen still runs.
    await this.#freezing.catch(() => {});
    const { id, addressIndex, envdToken, process } = this.record;
    if (!this.alive) throw new HostError('the processes of the spare sandbox ended');
    machines.thaw(id);
    const envd = machines.envd(this.record);
    if (!(await isHealthy(envd.url, HEALTH_MS))) throw new HostError('envd of the spare sandbox does not answer');
    const record = { ...newRecord(input, template, addressIndex, now()), id, envdToken, process };
    await initEnvd(envd, envdDefaults(record));
    signal.throwIfAborted();
    await store.save(record);
    this.#sandbox.record = record;
    return this.#sandbox;
  }

  async destroy(): Promise<void> {
    this.#taken.abort();
    clearTimeout(this.#rest);
    await this.#freezing.catch(() => {});
    await this.#parts.transitions.discard(this.#sandbox);
  }
}
