import type { PriceBook } from '../usage/prices/book.ts';
import { DEFAULT_MODELS, type ModelTier } from './default-models.ts';
import { type OfferedPrice, offeredPrices } from './offered-prices.ts';
import type { Providers } from './provider.ts';
import { GATEWAY_MOUNT } from './routes.ts';

/** Where a sandbox asks which models it may use. */
export const MODEL_OFFER_PATH = `${GATEWAY_MOUNT}/shmastra/models`;

export type ModelOffer = {
  /** No provider has a key: the demo model answers under the names below. */
  demo: boolean;
  /** The tier of who chose none. */
  default: 'general';
  /** Models as `<provider>/<model>`, in fall-back order; an empty list: the tier is not offered. */
  tiers: Record<ModelTier, string[]>;
  /** Of those models whose price is known; none of the demo model, whose answers nobody bills. */
  prices: Record<string, OfferedPrice>;
  /** Whether Composio's toolkits can be used. */
  composio: boolean;
};

export type OfferSettings = {
  /** Lists of the admin's own in place of the defaults. */
  models: Readonly<Partial<Record<ModelTier, readonly string[]>>>;
  /** `<provider>/<model>`; leads the general tier. */
  defaultModel: string;
  prices: PriceBook;
};

/**
 * What this installation offers to coding agents. With a key for one provider nothing of the others is offered: the
 * demo model's scripts in place of a real answer would only mislead.
 */
export function modelOffer(providers: Providers, settings: OfferSettings): ModelOffer {
  const models = [...providers.values()].filter(({ protocol }) => protocol !== 'composio');
  const live = models.some(({ demo }) => !demo);
  const offered = (model: string): boolean => {
    const provider = models.find(({ name }) => name === model.split('/')[0]);
    return provider !== undefined && provider.demo === !live;
  };
  const listOf = (tier: ModelTier): string[] => {
    const list = settings.models[tier] ?? DEFAULT_MODELS[tier];
    const all = tier === 'general' ? [settings.defaultModel, ...list] : list;
    return [...new Set(all)].filter(offered);
  };
  const tiers = {
    fast: listOf('fast'),
    general: listOf('general'),
    best: listOf('best'),
    developer: listOf('developer'),
  };
  return {
    demo: !live && models.length > 0,
    default: 'general',
    tiers,
    prices: live ? offeredPrices(Object.values(tiers).flat(), settings.prices) : {},
    composio: providers.has('composio'),
  };
}
