import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { CapacityError, ConflictError, NotFoundError } from '../api/errors.ts';
import type { AddressPool } from '../network/addresses.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import { newSandboxId } from './ids.ts';
import { STOP_GRACE_MS, type Machines, type MachineSpec } from './machines.ts';
import { Sandbox } from './sandbox.ts';
import type { StartQueue } from './start-queue.ts';
import type { EnvdEndpoint, ResolvedTemplate, StartCommand } from './types.ts';

export type CreateInput = {
  templateID: string;
  timeoutSeconds: number;
  metadata: Record<string, string>;
  envVars: Record<string, string>;
  allowInternetAccess: boolean;
  allowPublicTraffic: boolean;
  onTimeout: 'kill' | 'pause';
  keepMemory: boolean;
  autoResume: boolean;
};

export type ManagerParts = {
  machines: Machines;
  store: SandboxStore;
  pool: AddressPool;
  queue: StartQueue;
  maxRunning: number;
  resolveTemplate(nameOrId: string): Promise<ResolvedTemplate | null>;
  startCommand(envd: EnvdEndpoint, command: StartCommand): Promise<void>;
  log: Logger;
  now(): number;
};

/** The life cycle of sandboxes: what the API's calls mean. */
export class SandboxManager {
  readonly #parts: ManagerParts;
  readonly #sandboxes = new Map<string, Sandbox>();
  /** Sandboxes and build machines that are starting. */
  readonly #starting = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  /** Machines of template builds. */
  launched = 0;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
  }

  all(): Sandbox[] {
    return [...this.#sandboxes.values()];
  }

  find(id: string): Sandbox | undefined {
    return this.#sandboxes.get(id);
  }

  /** @throws NotFoundError */
  get(id: string): Sandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined || sandbox.removed) throw new NotFoundError(`sandbox "${id}" not found`);
    return sandbox;
  }

  /** Takes in a sandbox of a former run of the engine. */
  adopt(record: SandboxRecord): Sandbox {
    const sandbox = new Sandbox(record);
    this.#sandboxes.set(record.id, sandbox);
    this.#arm(sandbox);
    return sandbox;
  }

  /**
   * @throws NotFoundError no such template; CapacityError; RateLimitError; DiskFullError; HostError. Nothing of the
   * sandbox is left then.
   */
  async create(input: CreateInput): Promise<Sandbox> {
    const { store, pool, log, now } = this.#parts;
    const template = await this.#parts.resolveTemplate(input.templateID);
    if (template === null) throw new NotFoundError(`template '${input.templateID}' not found`);
    const addressIndex = this.#takeAddress();
    const id = newSandboxId();
    const startedAt = now();
    const record: SandboxRecord = {
      version: 1,
      id,
      templateID: template.templateID,
      buildID: template.buildID,
      ...(template.alias === undefined ? {} : { alias: template.alias }),
      metadata: input.metadata,
      layers: template.layers,
      addressIndex,
      cpuCount: template.cpuCount,
      memoryMb: template.memoryMb,
      diskMb: template.diskMb,
      envVars: { ...template.env, ...input.envVars },
      user: template.user,
      ...(template.workdir === undefined ? {} : { workdir: template.workdir }),
      ...(template.startCmd === undefined ? {} : { startCmd: template.startCmd }),
      allowInternetAccess: input.allowInternetAccess,
      envdToken: randomBytes(24).toString('hex'),
      ...(input.allowPublicTraffic ? {} : { trafficToken: randomBytes(24).toString('hex') }),
      onTimeout: input.onTimeout,
      keepMemory: input.keepMemory,
      autoResume: input.autoResume,
      state: 'running',
      startedAt,
      timeoutSeconds: input.timeoutSeconds,
      endAt: startedAt + input.timeoutSeconds * 1000,
      process: null,
    };
    const sandbox = new Sandbox(record);
    try {
      await this.#start(sandbox, { endAtFromNow: input.timeoutSeconds });
    } catch (error) {
      pool.release(addressIndex);
      await store.removeRecord(id);
      await store.removeFolder(id);
      throw error;
    }
    this.#sandboxes.set(id, sandbox);
    this.#arm(sandbox);
    log.info({ sandbox: id, template: template.templateID, ms: now() - startedAt }, 'sandbox created');
    return sandbox;
  }

  /** Sets the time to live from now on; it may be shorter than before. */
  async setTimeout(id: string, seconds: number): Promise<void> {
    const sandbox = this.get(id);
    await sandbox.mutex.run(async () => {
      this.get(id);
      if (sandbox.record.state !== 'running') throw new ConflictError(`sandbox "${id}" is paused`);
      await this.#change(sandbox, { endAt: this.#parts.now() + seconds * 1000 });
    });
  }

  /** @returns whether it had to be resumed. A running one only lives longer, never shorter. */
  async connect(id: string, seconds: number, reboot = false): Promise<{ sandbox: Sandbox; resumed: boolean }> {
    const sandbox = this.get(id);
    return sandbox.mutex.run(async () => {
      this.get(id);
      if (sandbox.record.state === 'running') {
        const endAt = this.#parts.now() + seconds * 1000;
        if (endAt > sandbox.record.endAt) await this.#change(sandbox, { endAt });
        return { sandbox, resumed: false };
      }
      await this.#resume(sandbox, seconds, reboot);
      return { sandbox, resumed: true };
    });
  }

  /** @throws ConflictError when it runs already */
  async resume(id: string, seconds: number, reboot = false): Promise<Sandbox> {
    const sandbox = this.get(id);
    return sandbox.mutex.run(async () => {
      this.get(id);
      if (sandbox.record.state === 'running') throw new ConflictError(`sandbox "${id}" is running already`);
      await this.#resume(sandbox, seconds, reboot);
      return sandbox;
    });
  }

  /**
   * @param keepMemory false ends the processes and keeps the disk only
   * @throws ConflictError when it is paused already
   */
  async pause(id: string, keepMemory = true): Promise<void> {
    const sandbox = this.get(id);
    await sandbox.mutex.run(async () => {
      this.get(id);
      if (sandbox.record.state === 'paused') throw new ConflictError(`sandbox "${id}" is paused already`);
      await this.#pause(sandbox, keepMemory);
    });
  }

  /** Idempotent for whoever holds a reference; @throws NotFoundError for an id that is unknown (any more). */
  async kill(id: string): Promise<void> {
    const sandbox = this.get(id);
    await sandbox.mutex.run(async () => {
      // Somebody else's kill was first: for both callers the sandbox is gone.
      if (sandbox.removed) return;
      await this.#kill(sandbox);
    });
  }

  /**
   * The sandbox if it can answer now. Waits while it is being started or changed.
   * @param wake resumes a paused sandbox that was created with autoResume
   */
  async reachable(id: string, wake: boolean): Promise<Sandbox | null> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined || sandbox.removed) return null;
    if (sandbox.record.state === 'running' && sandbox.record.process !== null) return sandbox;
    if (sandbox.record.state === 'paused' && !(wake && sandbox.record.autoResume)) return null;
    return sandbox.mutex.run(async () => {
      if (sandbox.removed) return null;
      if (sandbox.record.state === 'paused') await this.#resume(sandbox, sandbox.record.timeoutSeconds, false);
      return sandbox.record.process === null ? null : sandbox;
    });
  }

  /** Starts a running sandbox again from its disk: its processes are gone. */
  async restart(sandbox: Sandbox): Promise<void> {
    await sandbox.mutex.run(async () => {
      if (sandbox.removed || sandbox.record.state !== 'running') return;
      sandbox.dropConnections();
      await this.#parts.machines.takeDown(sandbox.id, sandbox.record.addressIndex);
      sandbox.record = { ...sandbox.record, process: null };
      try {
        await this.#start(sandbox, { patient: true });
        this.#arm(sandbox);
        this.#parts.log.info({ sandbox: sandbox.id }, 'sandbox started again from its disk');
      } catch (error) {
        // When the engine stops meanwhile, the next one starts it.
        if (this.#closing.signal.aborted) return;
        this.#parts.log.error(
          { sandbox: sandbox.id, err: error },
          'sandbox could not be started again: it is paused now',
        );
        await this.#change(sandbox, { state: 'paused' });
      }
    });
  }

  /** Gives up on a sandbox whose processes keep ending: the next resume tries again. */
  async rest(sandbox: Sandbox): Promise<void> {
    await sandbox.mutex.run(async () => {
      if (sandbox.removed || sandbox.record.state !== 'running') return;
      await this.#pause(sandbox, false);
    });
  }

  /** The engine ends: every sandbox's processes stop, its disk stays. At the next start it is paused. */
  async stopAll(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#starting);
    await Promise.all(
      this.all().map((sandbox) =>
        sandbox.mutex
          .run(async () => {
            clearTimeout(sandbox.timer);
            if (sandbox.removed || sandbox.record.process === null) return;
            await this.#pause(sandbox, false);
          })
          .catch((error: unknown) =>
            this.#parts.log.error({ sandbox: sandbox.id, err: error }, 'sandbox did not stop'),
          ),
      ),
    );
  }

  /** Runs `task` as one start among others. @throws CapacityError, RateLimitError */
  async startSlot<T>(task: (signal: AbortSignal) => Promise<T>, patient = false): Promise<T> {
    const running = this.all().filter((sandbox) => sandbox.record.process !== null).length;
    const occupied = running + this.#starting.size + this.launched;
    if (occupied >= this.#parts.maxRunning) {
      throw new CapacityError(`This machine runs as many sandboxes as it may (${this.#parts.maxRunning})`);
    }
    const { signal } = this.#closing;
    const start = this.#parts.queue.run(async () => {
      signal.throwIfAborted();
      return task(signal);
    }, patient);
    this.#starting.add(start);
    try {
      return await start;
    } catch (error) {
      throw signal.aborted ? new CapacityError('The engine is stopping') : error;
    } finally {
      this.#starting.delete(start);
    }
  }

  #takeAddress(): number {
    const index = this.#parts.pool.take();
    if (index === null) throw new CapacityError('Every address of ENGINE_SUBNET is taken');
    return index;
  }

  spec(record: SandboxRecord): MachineSpec {
    const { id, layers, diskMb, cpuCount, memoryMb, allowInternetAccess, addressIndex, envdToken } = record;
    const defaults = {
      envVars: { ...record.envVars, E2B_SANDBOX: 'true', E2B_SANDBOX_ID: id, E2B_TEMPLATE_ID: record.templateID },
      defaultUser: record.user,
      ...(record.workdir === undefined ? {} : { defaultWorkdir: record.workdir }),
    };
    return {
      ...{ id, layers, diskMb, cpuCount, memoryMb, allowInternetAccess, addressIndex, envdToken },
      diskFile: this.#parts.store.diskFile(id),
      env: { ENVD_DEFAULTS: JSON.stringify(defaults) },
    };
  }

  /** Boots, runs the template's start command and saves the record. */
  async #start(sandbox: Sandbox, options: { endAtFromNow?: number; patient?: boolean } = {}): Promise<void> {
    const { machines, store, now } = this.#parts;
    await this.startSlot(async (signal) => {
      await store.createFolder(sandbox.id);
      const { record } = sandbox;
      const spec = this.spec(record);
      const process = await machines.boot(spec, signal);
      const endAt = options.endAtFromNow === undefined ? record.endAt : now() + options.endAtFromNow * 1000;
      try {
        if (record.startCmd) {
          await this.#parts.startCommand(machines.envd(spec), {
            cmd: record.startCmd,
            user: record.user,
            ...(record.workdir === undefined ? {} : { cwd: record.workdir }),
          });
        }
        signal.throwIfAborted();
        sandbox.record = { ...record, state: 'running', process, endAt };
        await store.save(sandbox.record);
      } catch (error) {
        sandbox.record = record;
        await machines.takeDown(sandbox.id, record.addressIndex).catch((problem: unknown) => {
          this.#parts.log.error({ sandbox: sandbox.id, err: problem }, 'leftovers of a failed start');
        });
        throw error;
      }
    }, options.patient);
  }

  async #resume(sandbox: Sandbox, seconds: number, reboot: boolean): Promise<void> {
    const { machines, log, now } = this.#parts;
    const started = performance.now();
    const frozen = sandbox.record.process !== null;
    if (frozen && !reboot) {
      machines.thaw(sandbox.id);
      await this.#change(sandbox, { state: 'running', endAt: now() + seconds * 1000 });
    } else {
      if (frozen) {
        await machines.takeDown(sandbox.id, sandbox.record.addressIndex);
        sandbox.record = { ...sandbox.record, process: null };
      }
      await this.#start(sandbox, { endAtFromNow: seconds });
      this.#arm(sandbox);
    }
    log.info(
      { sandbox: sandbox.id, fromDisk: !frozen || reboot, ms: Math.round(performance.now() - started) },
      'sandbox resumed',
    );
  }

  async #pause(sandbox: Sandbox, keepMemory: boolean): Promise<void> {
    const { machines, log } = this.#parts;
    if (keepMemory) {
      await machines.freeze(sandbox.id);
      try {
        await this.#change(sandbox, { state: 'paused' });
      } catch (error) {
        // Not written down, not paused: it goes on as it was.
        machines.thaw(sandbox.id);
        throw error;
      }
      sandbox.dropConnections();
    } else {
      sandbox.dropConnections();
      await machines.takeDown(sandbox.id, sandbox.record.addressIndex, STOP_GRACE_MS);
      await this.#change(sandbox, { state: 'paused', process: null });
    }
    log.info({ sandbox: sandbox.id, keepMemory }, 'sandbox paused');
  }

  async #kill(sandbox: Sandbox): Promise<void> {
    const { machines, store, pool, log } = this.#parts;
    clearTimeout(sandbox.timer);
    // From here on a crash leaves a folder without a record, which the next start of the engine sweeps.
    await store.removeRecord(sandbox.id);
    sandbox.removed = true;
    sandbox.dropConnections();
    try {
      await machines.takeDown(sandbox.id, sandbox.record.addressIndex);
      await store.removeFolder(sandbox.id);
      pool.release(sandbox.record.addressIndex);
    } catch (error) {
      // Its address stays taken, so that nobody meets what is left of it.
      log.error({ sandbox: sandbox.id, err: error }, 'leftovers of a killed sandbox');
    }
    this.#sandboxes.delete(sandbox.id);
    log.info({ sandbox: sandbox.id }, 'sandbox killed');
  }

  async #change(sandbox: Sandbox, change: Partial<SandboxRecord>): Promise<void> {
    const record = { ...sandbox.record, ...change };
    await this.#parts.store.save(record);
    sandbox.record = record;
    this.#arm(sandbox);
  }

  /** Has the timeout happen at the record's endAt. */
  #arm(sandbox: Sandbox): void {
    clearTimeout(sandbox.timer);
    if (sandbox.removed || sandbox.record.state !== 'running') return;
    const delay = Math.max(0, sandbox.record.endAt - this.#parts.now());
    sandbox.timer = setTimeout(() => void this.#expire(sandbox), delay);
  }

  async #expire(sandbox: Sandbox): Promise<void> {
    try {
      await sandbox.mutex.run(async () => {
        const { state, endAt, onTimeout, keepMemory } = sandbox.record;
        if (sandbox.removed || state !== 'running') return;
        // Extended meanwhile, or the timer was early.
        if (endAt > this.#parts.now()) return this.#arm(sandbox);
        this.#parts.log.info({ sandbox: sandbox.id, onTimeout }, 'sandbox timed out');
        if (onTimeout === 'pause') await this.#pause(sandbox, keepMemory);
        else await this.#kill(sandbox);
      });
    } catch (error) {
      this.#parts.log.error({ sandbox: sandbox.id, err: error }, 'the timeout of a sandbox failed; it is tried again');
      sandbox.timer = setTimeout(() => void this.#expire(sandbox), 5000);
    }
  }
}
