import type { Logger } from 'pino';
import { CapacityError, ConflictError, NotFoundError } from '../api/errors.ts';
import type { EgressRules } from '../network/policy.ts';
import { isAlive } from '../runtime/process.ts';
import type { SandboxRecord } from '../state/record.ts';
import { Expiry } from './expiry.ts';
import type { Forks, ForkInput, ForkResult } from './fork.ts';
import type { Hibernation } from './hibernation.ts';
import { newRecord, type CreateInput } from './new-record.ts';
import type { Removals } from './removals.ts';
import { Sandbox } from './sandbox.ts';
import { takeSnapshot, type SnapshotParts } from './snapshot.ts';
import type { StartSlots } from './start-slots.ts';
import type { Transitions } from './transitions.ts';
import type { ResolvedTemplate, SnapshotInfo } from './types.ts';
import type { WarmPool } from './warm-pool.ts';

export type ManagerParts = SnapshotParts & {
  transitions: Transitions;
  slots: StartSlots;
  removals: Removals;
  warm: WarmPool;
  forks: Forks;
  hibernation: Hibernation;
  /** The sandboxes of this engine by id, running and paused. */
  sandboxes: Map<string, Sandbox>;
  resolveTemplate(nameOrId: string): Promise<ResolvedTemplate | null>;
  log: Logger;
  now(): number;
};

/** A request that wakes a sandbox gives it at least this long, as with E2B. */
const AUTO_RESUME_SECONDS = 300;

/** What the API's calls mean: who may go from which state to which, one caller at a time per sandbox. */
export class SandboxManager {
  readonly #parts: ManagerParts;
  readonly #expiry: Expiry;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
    this.#expiry = new Expiry((sandbox) => this.#expire(sandbox), parts.log, parts.now);
  }

  all(): Sandbox[] {
    return [...this.#parts.sandboxes.values()];
  }

  find(id: string): Sandbox | undefined {
    const sandbox = this.#parts.sandboxes.get(id);
    return sandbox?.removed ? undefined : sandbox;
  }

  /** @throws NotFoundError */
  get(id: string): Sandbox {
    const sandbox = this.find(id);
    if (sandbox === undefined) throw new NotFoundError(`Sandbox "${id}" doesn't exist or you don't have access to it`);
    return sandbox;
  }

  /** Takes in a sandbox of a former run of the engine. */
  adopt(record: SandboxRecord): Sandbox {
    const sandbox = new Sandbox(record);
    this.#parts.sandboxes.set(record.id, sandbox);
    this.#expiry.update(sandbox);
    return sandbox;
  }

  /**
   * @throws NotFoundError no such template; CapacityError; RateLimitError; DiskFullError; HostError. Nothing of the
   * sandbox is left then.
   */
  async create(input: CreateInput): Promise<Sandbox> {
    const { warm, sandboxes, log } = this.#parts;
    const begun = performance.now();
    const template = await this.#parts.resolveTemplate(input.templateID);
    if (template === null) throw new NotFoundError(`template '${input.templateID}' not found`);
    const spare = await warm.take(template, input);
    const sandbox = spare ?? (await this.#launch(input, template));
    sandboxes.set(sandbox.id, sandbox);
    this.#expiry.update(sandbox);
    warm.used(input.templateID, template);
    const ms = Math.round(performance.now() - begun);
    const entry = { sandbox: sandbox.id, template: template.alias ?? template.templateID, warm: spare !== null, ms };
    log.info(entry, 'sandbox created');
    return sandbox;
  }

  async #launch(input: CreateInput, template: ResolvedTemplate): Promise<Sandbox> {
    const { transitions, warm, log, now } = this.#parts;
    const addressIndex = await warm.takeAddress();
    if (addressIndex === null) throw new CapacityError('Every address of ENGINE_SUBNET is taken');
    const sandbox = new Sandbox(newRecord(input, template, addressIndex, now()));
    try {
      await transitions.start(sandbox, { seconds: input.timeoutSeconds });
    } catch (error) {
      await transitions.discard(sandbox).catch((problem: unknown) => {
        log.error({ sandbox: sandbox.id, err: problem }, 'leftovers of a failed create');
      });
      throw error;
    }
    return sandbox;
  }

  /**
   * New sandboxes from a running one's disk, each with its own outcome.
   * @throws ConflictError when it is paused or copied already; CapacityError, DiskFullError: nothing was tried then
   */
  async fork(id: string, input: ForkInput): Promise<ForkResult[]> {
    const { forks, sandboxes, log } = this.#parts;
    const begun = performance.now();
    forks.check(input);
    const first = await this.#copying(id, 'forked', (source) => forks.prepare(source, input));
    const copied = performance.now();
    const results = await forks.start(first, input, (fork) => {
      sandboxes.set(fork.id, fork);
      this.#expiry.update(fork);
    });
    const started = results.filter((result) => 'sandbox' in result).length;
    const ms = { copy: Math.round(copied - begun), start: Math.round(performance.now() - copied) };
    log.info({ sandbox: id, started, asked: input.count, ms }, 'sandbox forked');
    return results;
  }

  /**
   * Keeps the files of a sandbox, running or paused, as a template.
   * @param name `name` or `name:tag`
   * @throws BadRequestError; ConflictError when it is copied already; DiskFullError
   */
  async snapshot(id: string, name: string | undefined): Promise<SnapshotInfo> {
    const begun = performance.now();
    const info = await this.#copying(id, 'snapshotted', (source) => takeSnapshot(this.#parts, source, name));
    const ms = Math.round(performance.now() - begun);
    this.#parts.log.info({ sandbox: id, snapshot: info.id, ms }, 'snapshot taken');
    return info;
  }

  /** One copy of a sandbox at a time, as E2B has it. */
  async #copying<T>(id: string, verb: string, task: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    const sandbox = this.get(id);
    if (sandbox.copying) throw new ConflictError(`Sandbox '${id}' cannot be ${verb} while in 'snapshotting' state`);
    sandbox.copying = true;
    try {
      return await this.#exclusive(id, task);
    } finally {
      sandbox.copying = false;
    }
  }

  /** Sets the time to live from now on; it may be shorter than before. @throws ConflictError when it is paused */
  async setTimeout(id: string, seconds: number): Promise<void> {
    await this.#exclusive(id, async (sandbox) => {
      if (sandbox.record.state !== 'running') throw new ConflictError(`Sandbox "${id}" is in paused state`);
      await this.#parts.transitions.change(sandbox, { endAt: this.#parts.now() + seconds * 1000 });
    });
  }

  /** As setTimeout, but never shorter than before. @throws ConflictError when it is paused */
  async extend(id: string, seconds: number): Promise<void> {
    await this.#exclusive(id, async (sandbox) => {
      if (sandbox.record.state !== 'running') throw new ConflictError(`Sandbox "${id}" is in paused state`);
      const endAt = this.#parts.now() + seconds * 1000;
      if (endAt > sandbox.record.endAt) await this.#parts.transitions.change(sandbox, { endAt });
    });
  }

  /** Replaces what a sandbox, running or paused, may reach; how its ports are reached stays. */
  async updateNetwork(id: string, allowInternetAccess: boolean, egress: EgressRules): Promise<void> {
    await this.#exclusive(id, async (sandbox) => {
      const { maskRequestHost, httpsPorts } = sandbox.record.network ?? {};
      const network = { ...egress, ...(maskRequestHost && { maskRequestHost }), ...(httpsPorts && { httpsPorts }) };
      await this.#parts.transitions.changeNetwork(sandbox, { allowInternetAccess, network });
    });
  }

  /**
   * A running one only lives longer, never shorter.
   * @param memory false: from the disk although its processes are there; true: not unless they are
   * @returns whether it had to be resumed
   * @throws ConflictError for memory that was not kept
   */
  async connect(id: string, seconds: number, memory?: boolean): Promise<{ sandbox: Sandbox; resumed: boolean }> {
    return this.#exclusive(id, async (sandbox) => {
      const resumed = sandbox.record.state === 'paused';
      const endAt = this.#parts.now() + seconds * 1000;
      if (resumed) await this.#wake(sandbox, seconds, memory);
      else if (endAt > sandbox.record.endAt) await this.#parts.transitions.change(sandbox, { endAt });
      return { sandbox, resumed };
    });
  }

  /**
   * Several callers at once all succeed, unless one of them wants another kind of start than the first got.
   * @param memory as for connect @throws ConflictError when it runs already, or for memory that was not kept
   */
  async resume(id: string, seconds: number, memory?: boolean): Promise<Sandbox> {
    const wasPaused = this.get(id).record.state === 'paused';
    return this.#exclusive(id, async (sandbox) => {
      if (sandbox.record.state === 'running' && wasPaused && memory === undefined) return sandbox;
      if (sandbox.record.state === 'running') throw new ConflictError(`Sandbox ${id} is already running`);
      await this.#wake(sandbox, seconds, memory);
      return sandbox;
    });
  }

  async #wake(sandbox: Sandbox, seconds: number, memory: boolean | undefined): Promise<void> {
    const { process } = sandbox.record;
    if (memory === true && (process === null || !isAlive(process)))
      throw new ConflictError(
        `The memory of sandbox '${sandbox.id}' was not kept: resume it without memory, to start it from its disk`,
      );
    await this.#parts.transitions.resume(sandbox, seconds, memory === false);
  }

  /** Several callers at once all succeed when what they want to keep is kept. @throws ConflictError when it is paused already */
  async pause(id: string, keepMemory = true): Promise<void> {
    const wasRunning = this.get(id).record.state === 'running';
    await this.#exclusive(id, async (sandbox) => {
      const { state, process } = sandbox.record;
      if (state === 'paused' && wasRunning && keepMemory === (process !== null)) return;
      if (sandbox.record.state === 'paused')
        throw new ConflictError(`Error pausing sandbox - sandbox '${id}' is already paused`);
      await this.#parts.transitions.pause(sandbox, keepMemory);
    });
  }

  /** Two callers at once both succeed; later ones get NotFoundError. */
  async kill(id: string): Promise<void> {
    const sandbox = this.get(id);
    await sandbox.mutex.run(() => this.#remove(sandbox));
  }

  /**
   * The sandbox if it can answer now. Waits while it is being started or changed.
   * @param wake resumes a paused sandbox that was created with autoResume, unless a caller wanted its processes dropped
   */
  async reachable(id: string, wake: boolean): Promise<Sandbox | null> {
    const sandbox = this.find(id);
    if (sandbox === undefined) return null;
    const { state, process, autoResume, diskOnly, timeoutSeconds } = sandbox.record;
    if (state === 'running' && process !== null) return sandbox;
    if (state === 'paused' && !(wake && autoResume && !diskOnly)) return null;
    return this.#exclusive(id, async () => {
      const seconds = Math.max(timeoutSeconds, AUTO_RESUME_SECONDS);
      if (sandbox.record.state === 'paused') await this.#parts.transitions.resume(sandbox, seconds);
      return sandbox.record.process === null ? null : sandbox;
    });
  }

  /** Starts a sandbox from its disk that should run but whose processes are gone. */
  async revive(sandbox: Sandbox): Promise<void> {
    await this.#exclusive(sandbox.id, async () => {
      if (sandbox.record.state === 'running') await this.#parts.transitions.restart(sandbox);
    });
  }

  /** Gives up on a sandbox whose processes keep ending: the next resume tries again. */
  async rest(sandbox: Sandbox): Promise<void> {
    await this.#exclusive(sandbox.id, async () => {
      if (sandbox.record.state === 'running') await this.#parts.transitions.pause(sandbox, false, false);
    });
  }

  /** The engine ends: every sandbox's processes stop, its disk stays. At the next start it is paused. */
  async stopAll(): Promise<void> {
    const { transitions, slots, warm, hibernation, removals, log } = this.#parts;
    this.#expiry.clear();
    await Promise.all([slots.close(), warm.close(), hibernation.close()]);
    await Promise.all(
      this.all().map((sandbox) =>
        sandbox.mutex
          .run(async () => {
            if (!sandbox.removed && sandbox.record.process !== null) await transitions.stop(sandbox);
          })
          .catch((error: unknown) => log.error({ sandbox: sandbox.id, err: error }, 'sandbox did not stop')),
      ),
    );
    await removals.settled();
  }

  /** Runs `task` as the only one that changes the sandbox. @throws NotFoundError also when it was killed meanwhile */
  async #exclusive<T>(id: string, task: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    const sandbox = this.get(id);
    return sandbox.mutex.run(async () => {
      try {
        return await task(this.get(id));
      } finally {
        this.#expiry.update(sandbox);
      }
    });
  }

  async #expire(sandbox: Sandbox): Promise<void> {
    await sandbox.mutex.run(async () => {
      const { state, endAt, onTimeout, keepMemory } = sandbox.record;
      // Extended, paused or killed meanwhile, or the timer was early.
      if (sandbox.removed || state !== 'running' || endAt > this.#parts.now()) return this.#expiry.update(sandbox);
      this.#parts.log.info({ sandbox: sandbox.id, onTimeout }, 'sandbox timed out');
      if (onTimeout === 'pause') await this.#parts.transitions.pause(sandbox, keepMemory);
      else await this.#remove(sandbox);
    });
  }

  async #remove(sandbox: Sandbox): Promise<void> {
    if (sandbox.removed) return;
    await this.#parts.transitions.kill(sandbox);
    this.#parts.sandboxes.delete(sandbox.id);
    this.#expiry.update(sandbox);
  }
}
