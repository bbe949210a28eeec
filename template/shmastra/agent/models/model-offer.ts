import * as z from 'zod/mini';
import type { TierId } from '../turns/chunks.ts';
import { pricesSchema } from './prices.ts';

const names = z._default(z.array(z.string()), []);
const offerSchema = z.object({
  demo: z.boolean(),
  default: z.enum(['fast', 'general', 'best', 'developer']),
  tiers: z.object({ fast: names, general: names, best: names, developer: names }),
  composio: z._default(z.boolean(), false),
  prices: pricesSchema,
});

/** The models of each tier in fall-back order, as `<provider>/<model>`, and what is known of their prices. */
export type ModelOffer = z.infer<typeof offerSchema>;
export type Environment = Record<string, string>;

const CACHE_MS = 5 * 60_000;
const TIMEOUT_MS = 5000;
/** A model that a control plane which names none certainly has. */
const LAST_RESORT = 'openai/gpt-5-mini';

const LABELS: Record<TierId, string> = { fast: 'Fast', general: 'General', best: 'Best', developer: 'Developer' };

/** Which models the gateway offers; the answer of the control plane is kept for five minutes. */
export class Models {
  readonly #environment: () => Environment;
  #offer: ModelOffer | undefined;
  #asked = Number.NEGATIVE_INFINITY;
  #asking: Promise<ModelOffer> | undefined;

  constructor(environment: () => Environment) {
    this.#environment = environment;
  }

  /** The environment has changed: what is known may be of another control plane. */
  forget(): void {
    this.#asked = Number.NEGATIVE_INFINITY;
  }

  async offer(): Promise<ModelOffer> {
    if (this.#offer !== undefined && performance.now() - this.#asked < CACHE_MS) return this.#offer;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async tiers(): Promise<{ id: TierId; label: string; model: string | null }[]> {
    const { tiers } = await this.offer();
    const ids: TierId[] = ['fast', 'general', 'best', 'developer'];
    return ids.map((id) => ({ id, label: LABELS[id], model: tiers[id][0] ?? null }));
  }

  /** The tier that was asked for, or the nearest one that has models. */
  async choose(wanted: TierId | undefined): Promise<{ tier: TierId; models: string[]; demo: boolean }> {
    const offer = await this.offer();
    const order: TierId[] = [wanted ?? offer.default, offer.default, 'general', 'developer', 'best', 'fast'];
    const tier = order.find((id) => offer.tiers[id].length > 0);
    if (tier === undefined) return { tier: wanted ?? offer.default, models: [], demo: offer.demo };
    return { tier, models: offer.tiers[tier], demo: offer.demo };
  }

  async #ask(): Promise<ModelOffer> {
    const { SANDBOX_CONTROL_URL, VIRTUAL_KEY, DEFAULT_MODEL } = this.#environment();
    try {
      if (SANDBOX_CONTROL_URL === undefined) return withoutControl(DEFAULT_MODEL);
      const response = await fetch(`${SANDBOX_CONTROL_URL}/api/gateway/shmastra/models`, {
        headers: { authorization: `Bearer ${VIRTUAL_KEY ?? ''}` },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) return this.#keep(withoutControl(DEFAULT_MODEL));
      if (!response.ok) throw new Error(`the control plane answers ${response.status}`);
      return this.#keep(offerSchema.parse(await response.json()));
    } catch (error) {
      console.error('which models there are is not known', error instanceof Error ? error.message : error);
      return this.#offer ?? withoutControl(DEFAULT_MODEL);
    }
  }

  #keep(offer: ModelOffer): ModelOffer {
    this.#offer = offer;
    this.#asked = performance.now();
    return offer;
  }
}

/** One model for all: what the environment names. */
function withoutControl(model = LAST_RESORT): ModelOffer {
  const only = [model];
  return {
    demo: false,
    default: 'general',
    composio: false,
    prices: {},
    tiers: { fast: only, general: only, best: only, developer: only },
  };
}
