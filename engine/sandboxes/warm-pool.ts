import type { RememberedTemplate } from '../state/warm-template.ts';
import type { CreateInput } from './new-record.ts';
import type { Removals } from './removals.ts';
import type { Sandbox } from './sandbox.ts';
import { SparePool, type SparePoolParts } from './spare-pool.ts';
import type { Spare } from './spare.ts';
import type { ResolvedTemplate } from './types.ts';

/** After a create of a template that serves something the machine belongs to its user's first page for so long. */
export const REFILL_DELAY_MS = 1500;
/** After a create of any other template it belongs to the first command. */
export const BARE_REFILL_DELAY_MS = 200;

export type WarmPoolParts = Omit<SparePoolParts, 'accepts' | 'refillDelayMs'> & {
  /** For templates without a start command. */
  rememberedBare: RememberedTemplate;
  removals: Pick<Removals, 'settled'>;
  /** The template without a start command that a new engine is most likely asked for. */
  firstTemplate(): Promise<string | null>;
};

/**
 * The sandboxes that are launched ahead: of the template that was used last of those with a start command, which runs in
 * them (what E2B's cloud has in the memory snapshot of a template), and of the one that was used last without. So that
 * commands in small sandboxes between two workspaces do not cost the next workspace its spare, each has its own.
 */
export class WarmPool {
  readonly #parts: WarmPoolParts;
  readonly #serving: SparePool;
  readonly #bare: SparePool;
  readonly #all: SparePool[];

  constructor(parts: WarmPoolParts) {
    this.#parts = parts;
    this.#serving = new SparePool({ ...parts, refillDelayMs: REFILL_DELAY_MS, accepts: serves });
    this.#bare = new SparePool({
      ...parts,
      remembered: parts.rememberedBare,
      refillDelayMs: BARE_REFILL_DELAY_MS,
      // Nothing but envd runs in it, and that has answered.
      settleMs: 0,
      accepts: (template) => !serves(template),
    });
    // The first is given up first: it saves less.
    this.#all = [this.#bare, this.#serving];
  }

  /** Spares whose processes exist; those being launched or taken count as starts. */
  get count(): number {
    return this.#bare.count + this.#serving.count;
  }

  spares(): Spare[] {
    return this.#all.flatMap((pool) => pool.spares());
  }

  /** Launches spares of the templates that the former run of the engine used last, or of the one to begin with. */
  async start(): Promise<void> {
    const remembered = await Promise.all(this.#all.map((pool) => pool.start()));
    if (remembered.includes(true)) return;
    // It takes a second to say, for which the engine's start does not wait.
    void this.#parts.firstTemplate().then(
      (name) => name !== null && this.#bare.expect(name),
      (error: unknown) => this.#parts.log.warn({ err: error }, 'there is no spare sandbox to begin with'),
    );
  }

  /** @see SparePool.take */
  take(template: ResolvedTemplate, input: CreateInput): Promise<Sandbox | null> {
    return this.#of(template).take(template, input);
  }

  /** To be told of every create, after it. @param name as create was asked for it */
  used(name: string, template: ResolvedTemplate): void {
    this.#of(template).used(name, template);
  }

  /** To be told when templates have changed: drops spares of a build that nobody can ask for any more. */
  refresh(): void {
    for (const pool of this.#all) pool.refresh();
  }

  /** Room for something that is needed now. @returns false when there was no spare to give up */
  async giveUp(): Promise<boolean> {
    for (const pool of this.#all) if (await pool.giveUp()) return true;
    return false;
  }

  /** An address of a sandbox that is needed now; null when all are taken. */
  async takeAddress(): Promise<number | null> {
    for (;;) {
      const index = this.#parts.pool.take();
      if (index !== null) return index;
      if (!(await this.#parts.removals.settled()) && !(await this.giveUp())) return null;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((pool) => pool.close()));
  }

  #of(template: ResolvedTemplate): SparePool {
    return serves(template) ? this.#serving : this.#bare;
  }
}

function serves({ startCmd }: ResolvedTemplate): boolean {
  return startCmd !== undefined;
}
