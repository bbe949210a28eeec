import type { Logger } from 'pino';
import type { AddressPool } from '../network/addresses.ts';
import { egressPolicy } from '../network/policy.ts';
import { isAlive, type ProcessIdentity } from '../runtime/process.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import { STOP_GRACE_MS, type Machines } from './machines.ts';
import { machineSpec } from './new-record.ts';
import type { Removals } from './removals.ts';
import type { Sandbox } from './sandbox.ts';
import type { StartSlots } from './start-slots.ts';
import type { EnvdEndpoint, StartCommand } from './types.ts';

export type TransitionParts = {
  machines: Machines;
  store: SandboxStore;
  pool: AddressPool;
  slots: StartSlots;
  removals: Removals;
  startCommand(envd: EnvdEndpoint, command: StartCommand): Promise<void>;
  log: Logger;
  now(): number;
};

/** What a record says of a sandbox that is not paused (any more). */
const AWAKE = { state: 'running' as const, pausedAt: undefined, diskOnly: undefined, hibernatedAt: undefined };

/** The steps between a sandbox's states. Whoever calls one holds the sandbox's mutex and has checked its state. */
export class Transitions {
  readonly #parts: TransitionParts;

  constructor(parts: TransitionParts) {
    this.#parts = parts;
  }

  /**
   * Boots, runs the template's start command and writes the record down.
   * @param options.seconds time to live from when it runs; otherwise endAt stays
   * @throws EngineError; nothing runs then and the record is as it was
   */
  async start(sandbox: Sandbox, options: { seconds?: number; patient?: boolean } = {}): Promise<void> {
    const { store, slots, now } = this.#parts;
    await slots.run(async (signal) => {
      const { record } = sandbox;
      await this.launch(record, signal, async (process) => {
        const endAt = options.seconds === undefined ? record.endAt : now() + options.seconds * 1000;
        const started: SandboxRecord = { ...record, ...AWAKE, process, endAt };
        await store.save(started);
        sandbox.record = started;
      });
    }, options.patient);
  }

  /**
   * Boots and runs the template's start command.
   * @param keep writes down that it runs; when it fails the launch has failed
   * @throws EngineError; nothing runs then
   */
  async launch(
    record: SandboxRecord,
    signal: AbortSignal,
    keep?: (process: ProcessIdentity) => Promise<void>,
  ): Promise<ProcessIdentity> {
    const { machines, store, log } = this.#parts;
    await store.createFolder(record.id);
    const spec = machineSpec(record, store.diskFile(record.id));
    const process = await machines.boot(spec, signal);
    try {
      await this.#runStartCommand(record, machines.envd(spec));
      signal.throwIfAborted();
      await keep?.(process);
      return process;
    } catch (error) {
      await machines.takeDown(record.id, record.addressIndex).catch((problem: unknown) => {
        log.error({ sandbox: record.id, err: problem }, 'leftovers of a failed start');
      });
      throw error;
    }
  }

  /** @param reboot starts from the disk although the processes are only frozen */
  async resume(sandbox: Sandbox, seconds: number, reboot = false): Promise<void> {
    const { machines, log, now } = this.#parts;
    const begun = performance.now();
    const { process } = sandbox.record;
    sandbox.disturb();
    const frozen = process !== null && isAlive(process) && !reboot;
    if (frozen) {
      machines.thaw(sandbox.id);
      await this.change(sandbox, { ...AWAKE, endAt: now() + seconds * 1000 });
    } else {
      if (process !== null) {
        await this.change(sandbox, { process: null });
        await machines.takeDown(sandbox.id, sandbox.record.addressIndex);
      }
      await this.start(sandbox, { seconds });
    }
    log.info({ sandbox: sandbox.id, fromDisk: !frozen, ms: Math.round(performance.now() - begun) }, 'sandbox resumed');
  }

  /**
   * @param keepMemory false ends the processes and keeps the disk only
   * @param diskOnly whether that is what was asked for: traffic does not wake it then
   */
  async pause(sandbox: Sandbox, keepMemory: boolean, diskOnly = !keepMemory): Promise<void> {
    const { machines, log, now } = this.#parts;
    const paused = { state: 'paused' as const, pausedAt: now() };
    if (keepMemory) {
      await machines.freeze(sandbox.id);
      try {
        await this.change(sandbox, paused);
      } catch (error) {
        // Not written down, not paused: it goes on as it was.
        machines.thaw(sandbox.id);
        throw error;
      }
      sandbox.dropConnections();
    } else {
      sandbox.dropConnections();
      await this.#end(sandbox, { ...paused, ...(diskOnly ? { diskOnly } : {}) });
    }
    log.info({ sandbox: sandbox.id, keepMemory }, 'sandbox paused');
  }

  /** Ends the processes because the engine ends, which nobody asked for: it is paused afterwards. */
  async stop(sandbox: Sandbox): Promise<void> {
    const { log, now } = this.#parts;
    sandbox.disturb();
    const pausedAt = sandbox.record.pausedAt ?? now();
    sandbox.dropConnections();
    await this.#end(sandbox, { state: 'paused', pausedAt });
    log.info({ sandbox: sandbox.id }, 'sandbox stopped');
  }

  /** Ends the processes of a paused sandbox as they would be ended without a pause; a resume starts it from its disk. */
  async hibernate(sandbox: Sandbox, reason: string): Promise<void> {
    const { log, now } = this.#parts;
    sandbox.disturb();
    const begun = performance.now();
    // Said before it is done: a crash may leave it half-way, which the next start of the engine completes.
    log.info({ sandbox: sandbox.id, reason }, 'sandbox hibernates');
    await this.#end(sandbox, { hibernatedAt: now() }, true);
    log.info({ sandbox: sandbox.id, reason, ms: Math.round(performance.now() - begun) }, 'sandbox hibernated');
  }

  /**
   * Ends the processes in an orderly way. That is written down before: what a crash leaves of them is removed, and not
   * taken for a sandbox that goes on.
   * @param thaw lets frozen processes have their time to end; others are killed
   */
  async #end(sandbox: Sandbox, change: Partial<SandboxRecord>, thaw = false): Promise<void> {
    const { machines, store } = this.#parts;
    const ended: SandboxRecord = { ...sandbox.record, ...change, process: null };
    await store.save(ended, { sync: 'after' });
    if (thaw) machines.thaw(sandbox.id);
    await machines.takeDown(sandbox.id, ended.addressIndex, STOP_GRACE_MS);
    sandbox.record = ended;
  }

  /** Resolves once it is gone for everybody: its processes have ended, and no engine will start it again. */
  async kill(sandbox: Sandbox): Promise<void> {
    const { machines, store, removals, log } = this.#parts;
    sandbox.disturb();
    // From here on a crash leaves a folder without a record, which the next start of the engine sweeps.
    await store.removeRecord(sandbox.id);
    sandbox.removed = true;
    sandbox.dropConnections();
    const leftover = (error: unknown) =>
      log.error({ sandbox: sandbox.id, err: error }, 'leftovers of a killed sandbox');
    await machines.endProcesses(sandbox.id, 0).catch(leftover);
    await removals.add(() => this.#clear(sandbox).catch(leftover));
    log.info({ sandbox: sandbox.id }, 'sandbox killed');
  }

  /** Removes all of a sandbox from the host. When that fails its address stays taken, so that nobody meets the rest. */
  async discard(sandbox: Sandbox): Promise<void> {
    await this.#parts.store.removeRecord(sandbox.id);
    await this.#clear(sandbox);
  }

  async #clear(sandbox: Sandbox): Promise<void> {
    const { machines, store, pool } = this.#parts;
    await machines.takeDown(sandbox.id, sandbox.record.addressIndex);
    await store.removeFolder(sandbox.id);
    pool.release(sandbox.record.addressIndex);
  }

  /** Starts a sandbox again whose processes are gone while it should run; it is paused when that fails. */
  async restart(sandbox: Sandbox): Promise<void> {
    const { machines, slots, log } = this.#parts;
    sandbox.dropConnections();
    await machines.takeDown(sandbox.id, sandbox.record.addressIndex);
    sandbox.record = { ...sandbox.record, process: null };
    try {
      await this.start(sandbox, { patient: true });
      log.info({ sandbox: sandbox.id }, 'sandbox started again from its disk');
    } catch (error) {
      // When the engine stops meanwhile, the next one starts it.
      if (slots.closing) return;
      log.error({ sandbox: sandbox.id, err: error }, 'sandbox could not be started again: it is paused now');
      await this.change(sandbox, { state: 'paused' });
    }
  }

  /** Changes what a sandbox may reach. Its processes, if any, are under the new rules before the record says so. */
  async changeNetwork(sandbox: Sandbox, change: Pick<SandboxRecord, 'allowInternetAccess' | 'network'>): Promise<void> {
    const { machines } = this.#parts;
    const { record } = sandbox;
    const apply = (rules: typeof change) => machines.setEgressPolicy(record.addressIndex, egressPolicy(rules));
    if (record.process !== null) await apply(change);
    try {
      await this.change(sandbox, change);
    } catch (error) {
      if (record.process !== null) await apply(record);
      throw error;
    }
  }

  /** Writes the changed record down before it counts. */
  async change(sandbox: Sandbox, change: Partial<SandboxRecord>): Promise<void> {
    const record = { ...sandbox.record, ...change };
    await this.#parts.store.save(record, { sync: 'after' });
    sandbox.record = record;
  }

  async #runStartCommand(record: SandboxRecord, envd: EnvdEndpoint): Promise<void> {
    if (!record.startCmd) return;
    const cwd = record.workdir === undefined ? {} : { cwd: record.workdir };
    await this.#parts.startCommand(envd, { cmd: record.startCmd, user: record.user, ...cwd });
  }
}
