import type { Logger } from 'pino';
import { BadRequestError, CapacityError, ConflictError } from '../api/errors.ts';
import { copyImage, settleCopy } from '../disk/disk-copy.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import type { Machines } from './machines.ts';
import { forkedRecord } from './new-record.ts';
import { Sandbox } from './sandbox.ts';
import type { StartSlots } from './start-slots.ts';
import type { Transitions } from './transitions.ts';
import type { WarmPool } from './warm-pool.ts';

/** E2B's. */
const MAX_COUNT = 100;

export type ForkInput = { timeoutSeconds: number; count: number };
/** One fork's outcome; an error is that of its start alone. */
export type ForkResult = { sandbox: Sandbox } | { error: unknown };

export type ForkParts = {
  machines: Pick<Machines, 'copyDisk'>;
  store: Pick<SandboxStore, 'createFolder' | 'diskFile'>;
  transitions: Pick<Transitions, 'start' | 'discard'>;
  slots: Pick<StartSlots, 'findRoom' | 'maxRunning' | 'signal'>;
  warm: Pick<WarmPool, 'takeAddress'>;
  minFreeMb: number;
  log: Logger;
  now(): number;
};

/**
 * Makes new sandboxes from a copy of a running one's disk. It stands still while its disk is copied, once for all forks;
 * each of them starts from its copy and runs the start command. Until a fork's record is written down it is a folder
 * without one, which the next start of the engine removes.
 */
export class Forks {
  readonly #parts: ForkParts;
  /** Forks that have no record yet. */
  readonly #pending = new Set<Sandbox>();

  constructor(parts: ForkParts) {
    this.#parts = parts;
  }

  /** Layers that forks stand on whose records are not written down yet. */
  layers(): string[] {
    return [...this.#pending].flatMap(({ record }) => record.layers);
  }

  /** @throws BadRequestError */
  check({ count }: ForkInput): void {
    if (count < 1) throw new BadRequestError('Count must be at least 1');
    if (count > MAX_COUNT) throw new BadRequestError(`Count cannot be greater than ${MAX_COUNT}`);
    const { maxRunning } = this.#parts.slots;
    if (count >= maxRunning)
      throw new BadRequestError(`Count must be lower than the maximum number of concurrent sandboxes (${maxRunning})`);
  }

  /**
   * The copy that all forks start from, as a folder of the first of them. The caller holds the source's mutex.
   * @throws ConflictError when it does not run; CapacityError, DiskFullError, HostError: nothing is left then
   */
  async prepare(source: Sandbox, input: ForkInput): Promise<Sandbox> {
    const { machines, store, slots, warm, now } = this.#parts;
    if (source.record.state !== 'running')
      throw new ConflictError(`Sandbox '${source.id}' is paused and cannot be forked; resume it first`);
    await slots.findRoom();
    const addressIndex = await warm.takeAddress();
    if (addressIndex === null) throw new CapacityError('Every address of ENGINE_SUBNET is taken');
    const first = new Sandbox(forkedRecord(source.record, addressIndex, input.timeoutSeconds, now()));
    this.#pending.add(first);
    try {
      await store.createFolder(first.id);
      await machines.copyDisk(source.id, store.diskFile(source.id), store.diskFile(first.id), slots.signal);
      return first;
    } catch (error) {
      await this.#discard(first);
      throw error;
    }
  }

  /**
   * Starts the forks; the source may change again meanwhile.
   * @param first what `prepare` gave
   * @param onStart is told of each one as soon as it runs
   */
  async start(first: Sandbox, input: ForkInput, onStart: (fork: Sandbox) => void): Promise<ForkResult[]> {
    const others = await this.#copies(first, input);
    return Promise.all(
      [{ sandbox: first }, ...others].map(async (result) =>
        'sandbox' in result ? this.#start(result.sandbox, input.timeoutSeconds, onStart) : result,
      ),
    );
  }

  /** One after another: they read the same blocks. */
  async #copies(first: Sandbox, { count, timeoutSeconds }: ForkInput): Promise<ForkResult[]> {
    const { store, slots, warm, minFreeMb, now } = this.#parts;
    const results: ForkResult[] = [];
    while (results.length < count - 1) {
      const addressIndex = await warm.takeAddress();
      if (addressIndex === null) {
        results.push({ error: new CapacityError('Every address of ENGINE_SUBNET is taken') });
        continue;
      }
      const sandbox = new Sandbox(forkedRecord(first.record, addressIndex, timeoutSeconds, now()));
      this.#pending.add(sandbox);
      try {
        await store.createFolder(sandbox.id);
        await copyImage(store.diskFile(first.id), store.diskFile(sandbox.id), minFreeMb, slots.signal);
        results.push({ sandbox });
      } catch (error) {
        await this.#discard(sandbox);
        results.push({ error });
      }
    }
    return results;
  }

  async #start(sandbox: Sandbox, seconds: number, onStart: (fork: Sandbox) => void): Promise<ForkResult> {
    const { transitions, store } = this.#parts;
    try {
      await settleCopy(store.diskFile(sandbox.id));
      await transitions.start(sandbox, { seconds });
      onStart(sandbox);
      this.#pending.delete(sandbox);
      return { sandbox };
    } catch (error) {
      await this.#discard(sandbox);
      return { error };
    }
  }

  async #discard(sandbox: Sandbox): Promise<void> {
    await this.#parts.transitions.discard(sandbox).catch((error: unknown) => {
      this.#parts.log.error({ sandbox: sandbox.id, err: error }, 'leftovers of a failed fork');
    });
    this.#pending.delete(sandbox);
  }
}
