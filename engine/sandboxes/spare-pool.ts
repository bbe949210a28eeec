import type { Logger } from 'pino';
import { CapacityError } from '../api/errors.ts';
import type { AddressPool } from '../network/addresses.ts';
import type { RememberedTemplate } from '../state/warm-template.ts';
import type { CreateInput } from './new-record.ts';
import type { Sandbox } from './sandbox.ts';
import { fitsSpare, Spare, type SpareParts } from './spare.ts';
import type { StartSlots } from './start-slots.ts';
import type { ResolvedTemplate } from './types.ts';

/** When something else is starting or being built. */
export const BUSY_DELAY_MS = 500;
/** After a spare could not be made, or there was no room for one. */
export const FAILURE_DELAY_MS = 60_000;

export type SparePoolParts = SpareParts & {
  /** Spares to keep; 0 switches the pool off. */
  size: number;
  /** How long a spare runs until it is frozen, in ms. */
  settleMs: number;
  /** How long after a create the next spare is launched, in ms. */
  refillDelayMs: number;
  /** Whether spares of this template belong in here. */
  accepts(template: ResolvedTemplate): boolean;
  slots: Pick<StartSlots, 'runAside' | 'hasRoom' | 'busy'>;
  pool: Pick<AddressPool, 'take'>;
  resolveTemplate(nameOrId: string): Promise<ResolvedTemplate | null>;
  isBuilding(): boolean;
  remembered: RememberedTemplate;
  log: Logger;
};

/** A spare on its way. */
type Filling = {
  done: Promise<void>;
  abort: AbortController;
  /** Of which build, once it is being launched. */
  buildID?: string;
  /** Set by a create that waits for it; null when it came to nothing. */
  claim?: (spare: Spare | null) => void;
};

/**
 * Keeps a few sandboxes of the template that was used last of those it accepts launched ahead, frozen.
 *
 * Spares may grow old: a frozen one is what a paused sandbox is, and goes on as that does.
 */
export class SparePool {
  readonly #parts: SparePoolParts;
  readonly #spares: Spare[] = [];
  readonly #dying = new Map<Spare, Promise<void>>();
  #wanted: { name: string; buildID: string } | null = null;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #filling: Filling | undefined;
  #remembering: Promise<void> = Promise.resolve();

  constructor(parts: SparePoolParts) {
    this.#parts = parts;
  }

  /** Spares whose processes exist; those being launched or taken count as starts. */
  get count(): number {
    return this.#spares.length + this.#dying.size;
  }

  spares(): Spare[] {
    return [...this.#spares, ...this.#dying.keys()];
  }

  /** Launches spares of the template that the former run of the engine used last. @returns whether there is one */
  async start(): Promise<boolean> {
    if (this.#parts.size === 0) return true;
    this.#wanted = await this.#parts.remembered.load();
    if (this.#wanted === null) return false;
    this.#schedule(this.#parts.refillDelayMs);
    return true;
  }

  /** Launches spares of a template that nobody has used yet. */
  expect(name: string): void {
    if (this.#wanted !== null) return;
    this.#wanted = { name, buildID: '' };
    this.#schedule(this.#parts.refillDelayMs);
  }

  /**
   * A spare that has become the sandbox that was asked for; null when there is none that fits. One that is on its way is
   * waited for, by one create: it is further on than a start of its own would be.
   */
  async take(template: ResolvedTemplate, input: CreateInput): Promise<Sandbox | null> {
    if (!fitsSpare(input) || this.#closed) return null;
    const index = this.#spares.findIndex((spare) => spare.record.buildID === template.buildID);
    // From here on no other create can have it.
    const [spare] = index < 0 ? [] : this.#spares.splice(index, 1);
    if (spare !== undefined) return this.#hand(spare, template, input);
    const filling = this.#filling;
    if (filling?.buildID !== template.buildID || filling.claim !== undefined) return null;
    return new Promise((resolve) => {
      filling.claim = (launched) => resolve(launched && this.#hand(launched, template, input));
    });
  }

  async #hand(spare: Spare, template: ResolvedTemplate, input: CreateInput): Promise<Sandbox | null> {
    const { slots, log } = this.#parts;
    try {
      if (this.#closed) throw new CapacityError('The engine is stopping');
      return await slots.runAside((signal) => spare.become(template, input, signal));
    } catch (error) {
      log.warn({ sandbox: spare.record.id, err: error }, 'a spare sandbox was of no use');
      await this.#destroy(spare);
      return null;
    }
  }

  /** To be told of every create, after it. @param name as create was asked for it */
  used(name: string, { buildID }: ResolvedTemplate): void {
    if (this.#parts.size === 0) return;
    if (this.#wanted?.name !== name || this.#wanted.buildID !== buildID) this.#want({ name, buildID });
    this.#schedule(this.#parts.refillDelayMs);
  }

  /** To be told when templates have changed: drops spares of a build that nobody can ask for any more. */
  refresh(): void {
    if (this.#wanted !== null) this.#schedule(0);
  }

  /** Room for something that is needed now. @returns false when there was no spare to give up */
  async giveUp(): Promise<boolean> {
    const spare = this.#spares.shift();
    if (spare !== undefined) await this.#destroy(spare);
    else if (this.#filling !== undefined && this.#filling.claim === undefined) {
      this.#filling.abort.abort();
      await this.#filling.done;
    } else if (this.#dying.size > 0) await Promise.all(this.#dying.values());
    else return false;
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#filling?.abort.abort();
    await this.#filling?.done;
    await Promise.all([...this.#spares.splice(0).map((spare) => this.#destroy(spare)), ...this.#dying.values()]);
    await this.#remembering;
  }

  #want(wanted: { name: string; buildID: string }): void {
    const { remembered, log } = this.#parts;
    this.#wanted = wanted;
    this.#dropOthers(wanted.buildID);
    this.#remembering = this.#remembering
      .then(() => remembered.save(wanted))
      .catch((error: unknown) => log.warn({ err: error }, 'the template that was used last could not be written down'));
  }

  #dropOthers(buildID: string | undefined): void {
    const kept = this.#spares.splice(0).filter((spare) => {
      const keep = spare.record.buildID === buildID && spare.alive;
      if (!keep) void this.#destroy(spare);
      return keep;
    });
    this.#spares.push(...kept);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#filling !== undefined) return this.#schedule(BUSY_DELAY_MS);
      const filling: Filling = { done: Promise.resolve(), abort: new AbortController() };
      this.#filling = filling;
      filling.done = this.#look(filling);
    }, delayMs);
  }

  async #look(filling: Filling): Promise<void> {
    let next: number | null = FAILURE_DELAY_MS;
    try {
      next = await this.#refill(filling, filling.abort.signal);
    } catch (error) {
      if (!filling.abort.signal.aborted) this.#parts.log.warn({ err: error }, 'a spare sandbox could not be launched');
    }
    this.#filling = undefined;
    filling.claim?.(null);
    // A create may have set a nearer time meanwhile.
    if (next !== null && this.#timer === undefined) this.#schedule(next);
  }

  /** Launches one spare, if one is missing and nothing else has need of the machine. @returns ms until the next look */
  async #refill(filling: Filling, abort: AbortSignal): Promise<number | null> {
    const { slots, size, settleMs, accepts, isBuilding, pool, log } = this.#parts;
    const name = this.#wanted?.name;
    if (name === undefined) return null;
    const template = await this.#parts.resolveTemplate(name);
    if (this.#wanted?.name !== name) return BUSY_DELAY_MS;
    this.#dropOthers(template?.buildID);
    if (template === null || !accepts(template)) return null;
    // After a build the name may mean another one.
    if (isBuilding()) return BUSY_DELAY_MS;
    if (this.#spares.length >= size) return null;
    if (slots.busy) return BUSY_DELAY_MS;
    abort.throwIfAborted();
    // It must not take the room that the next sandbox needs.
    const addressIndex = slots.hasRoom(template.memoryMb) ? pool.take() : null;
    if (addressIndex === null) return FAILURE_DELAY_MS;
    const begun = performance.now();
    filling.buildID = template.buildID;
    const spare = await slots.runAside((closing) =>
      Spare.launch(this.#parts, template, addressIndex, AbortSignal.any([closing, abort])),
    );
    log.info({ sandbox: spare.record.id, ms: Math.round(performance.now() - begun) }, 'spare sandbox launched');
    if (filling.claim !== undefined) {
      filling.claim(spare);
      // Its create says when the next one is due.
      return null;
    }
    this.#spares.push(spare);
    spare.settle(settleMs, (error) => log.warn({ sandbox: spare.record.id, err: error }, 'a spare sandbox runs on'));
    // One at a time, and the build may have changed meanwhile.
    return settleMs;
  }

  #destroy(spare: Spare): Promise<void> {
    const { log } = this.#parts;
    const gone = spare
      .destroy()
      .catch((error: unknown) => log.error({ sandbox: spare.record.id, err: error }, 'leftovers of a spare sandbox'))
      .finally(() => this.#dying.delete(spare));
    this.#dying.set(spare, gone);
    return gone;
  }
}
