import type { Usage } from '../../gateway/ledger.ts';
import type { Price, Rates } from './rates.ts';

/** Counts beyond this are a provider's mistake, or an attack: they are billed as this. */
export const MOST_TOKENS = 1_000_000_000;

/**
 * What a call costs, in whole micro-dollars, rounded up once.
 * @param multiple of the plain price, for a tier of service
 */
export function costMicros(price: Price, usage: Usage, multiple = 1): number {
  const rates = price.long && usage.inputTokens > price.longAbove ? price.long : price;
  const perMillion = tokenCost(rates, usage);
  const pieces =
    count(usage.images) * price.perImage +
    (count(usage.audioSeconds) / 60) * price.perAudioMinute +
    count(usage.webSearches) * price.perSearch;
  const micros = (perMillion / 1_000_000 + pieces) * multiple;
  // Sums of products such as 0.1 * 3 lie a hair above a whole number: that hair is not a micro-dollar.
  return Math.max(0, Math.ceil(micros - 1e-6));
}

/**
 * Micro-dollars times a million. What is counted under several heads (an hour's cache write of audio) is charged under
 * one, the dearer; the subsets never come to more than the whole.
 */
function tokenCost(rates: Rates, usage: Usage): number {
  const cached = count(usage.cachedInputTokens);
  const written = count(usage.cacheWriteTokens);
  const writtenLong = Math.min(count(usage.longCacheWriteTokens), written);
  const audioIn = count(usage.audioInputTokens);
  const imageIn = count(usage.imageInputTokens);
  const plainIn = Math.max(0, count(usage.inputTokens) - cached - written - audioIn - imageIn);
  const reasoning = count(usage.reasoningTokens);
  const audioOut = count(usage.audioOutputTokens);
  const imageOut = count(usage.imageOutputTokens);
  const plainOut = Math.max(0, count(usage.outputTokens) - reasoning - audioOut - imageOut);
  return (
    plainIn * rates.input +
    cached * rates.cachedInput +
    (written - writtenLong) * rates.cacheWrite +
    writtenLong * rates.cacheWriteLong +
    audioIn * rates.audioInput +
    imageIn * rates.imageInput +
    plainOut * rates.output +
    reasoning * rates.reasoning +
    audioOut * rates.audioOutput +
    imageOut * rates.imageOutput
  );
}

function count(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, value), MOST_TOKENS) : 0;
}
