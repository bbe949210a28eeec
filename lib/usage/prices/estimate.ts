import type { CallFacts } from '../../gateway/ledger.ts';
import { MOST_MICROS } from '../money.ts';
import type { Price } from './rates.ts';

export type EstimateOptions = {
  /** Bytes of a request that are taken for one token. */
  bytesPerToken: number;
  /** Output tokens that are taken for a call that names no bound of its own, if its model can make so many. */
  outputTokens: number;
};

/** Speech is seldom packed tighter than 32 kbit/s. Bytes a second. */
const AUDIO_BYTES_PER_SECOND = 4_000;
/** What models without a known maximum are taken to make at most of a call's own bound. */
const MOST_OUTPUT_TOKENS = 10_000_000;
/** Questions about what there is, and tools: providers do not bill them by the call. */
const FREE = new Set<CallFacts['operation']>(['count_tokens', 'models', 'tool_catalog', 'tool_execution']);

export function isFree(operation: CallFacts['operation']): boolean {
  return FREE.has(operation);
}

/**
 * What is held for a call, in micro-dollars. How far the real cost can lie above it:
 * - Input: a token is at least one byte, so at most `bytesPerToken` times (the default is 2, where English and code have
 *   3 to 4), and not at all with 1. Not in the bytes: images, files and earlier turns that a request only points to, which
 *   are bounded by the model's context.
 * - Output: exact where the caller gives a bound; else the model's maximum less `outputTokens`.
 * - Searches by the provider (about a cent each) and dearer tiers of service (at most double) are not foreseen.
 */
export function estimateMicros(price: Price, call: CallFacts, options: EstimateOptions): number {
  if (isFree(call.operation)) return 0;
  const inputTokens = Math.min(
    Math.ceil(call.requestBytes / (price.bytesPerToken ?? options.bytesPerToken)),
    price.contextTokens ?? Infinity,
  );
  const rates = price.long && inputTokens > price.longAbove ? price.long : price;
  const audio = call.operation === 'audio';
  const image = call.operation === 'image';
  const inputRate = Math.max(rates.input, rates.cacheWrite, audio ? rates.audioInput : 0, image ? rates.imageInput : 0);
  const outputRate = Math.max(
    rates.output,
    rates.reasoning,
    audio ? rates.audioOutput : 0,
    image ? rates.imageOutput : 0,
  );
  const pieces =
    call.images * price.perImage +
    (audio ? (call.requestBytes / AUDIO_BYTES_PER_SECOND / 60) * price.perAudioMinute : 0);
  const tokens = (inputTokens * inputRate + outputTokens(price, call, options) * outputRate) / 1_000_000;
  return Math.min(Math.ceil(tokens + pieces), MOST_MICROS);
}

/** Tokens that a call can use, for the limit of tokens a minute. */
export function estimateTokens(price: Price, call: CallFacts, options: EstimateOptions): number {
  if (isFree(call.operation)) return 0;
  const bytesPerToken = price.bytesPerToken ?? options.bytesPerToken;
  return Math.min(Math.ceil(call.requestBytes / bytesPerToken), price.contextTokens ?? Infinity);
}

function outputTokens(price: Price, call: CallFacts, options: EstimateOptions): number {
  if (call.operation === 'embed') return 0;
  if (call.maxOutputTokens !== null) return Math.min(Math.max(0, call.maxOutputTokens), MOST_OUTPUT_TOKENS);
  const most = Math.min(price.maxOutputTokens ?? options.outputTokens, options.outputTokens);
  return call.operation === 'image' ? most * Math.max(1, call.images) : most;
}
