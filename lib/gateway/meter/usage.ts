import { NO_USAGE, type Usage } from '../ledger.ts';

/** A provider's own object about usage, not yet looked at. */
type Raw = Record<string, unknown>;

/**
 * OpenAI's objects in all their forms: chat (`prompt_tokens`), responses, images and transcriptions (`input_tokens`), and
 * transcriptions by the second. Also those of compatible providers. Null: no such object.
 */
export function openaiUsage(value: unknown): Usage | null {
  const raw = record(value);
  if (raw === null) return null;
  if (raw['type'] === 'duration') return { ...NO_USAGE, audioSeconds: seconds(raw['seconds']) };
  if (raw['prompt_tokens'] === undefined && raw['input_tokens'] === undefined) return null;
  const inDetail =
    record(raw['prompt_tokens_details'] ?? raw['input_tokens_details'] ?? raw['input_token_details']) ?? {};
  const outDetail =
    record(raw['completion_tokens_details'] ?? raw['output_tokens_details'] ?? raw['output_token_details']) ?? {};
  const inputTokens = count(raw['prompt_tokens'] ?? raw['input_tokens']);
  const reasoningTokens = count(outDetail['reasoning_tokens']);
  let outputTokens = count(raw['completion_tokens'] ?? raw['output_tokens']);
  // Some compatible providers count reasoning apart from the rest; the total tells.
  const total = count(raw['total_tokens']);
  if (total > inputTokens + outputTokens) outputTokens = Math.min(total - inputTokens, outputTokens + reasoningTokens);
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: atMost(count(inDetail['cached_tokens'] ?? raw['prompt_cache_hit_tokens']), inputTokens),
    cacheWriteTokens: atMost(count(inDetail['cache_write_tokens']), inputTokens),
    outputTokens,
    reasoningTokens,
    audioInputTokens: count(inDetail['audio_tokens']),
    audioOutputTokens: count(outDetail['audio_tokens']),
    imageInputTokens: count(inDetail['image_tokens']),
    imageOutputTokens: count(outDetail['image_tokens']),
  };
}

/** Anthropic counts what came from a cache and went to it apart from `input_tokens`. */
export function anthropicUsage(value: unknown): Usage | null {
  const raw = record(value);
  if (raw === null || (raw['input_tokens'] === undefined && raw['output_tokens'] === undefined)) return null;
  const cachedInputTokens = count(raw['cache_read_input_tokens']);
  const creation = record(raw['cache_creation']) ?? {};
  const short = count(creation['ephemeral_5m_input_tokens']);
  const longCacheWriteTokens = count(creation['ephemeral_1h_input_tokens']);
  const cacheWriteTokens = Math.max(count(raw['cache_creation_input_tokens']), short + longCacheWriteTokens);
  return {
    ...NO_USAGE,
    inputTokens: count(raw['input_tokens']) + cachedInputTokens + cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    longCacheWriteTokens,
    outputTokens: count(raw['output_tokens']),
    webSearches: count(record(raw['server_tool_use'])?.['web_search_requests']),
  };
}

/** Google counts thoughts apart from the answer, and what tools put into the prompt apart from the prompt. */
export function googleUsage(value: unknown): Usage | null {
  const raw = record(value);
  if (raw === null || raw['promptTokenCount'] === undefined) return null;
  const reasoningTokens = count(raw['thoughtsTokenCount']);
  const inputTokens = count(raw['promptTokenCount']) + count(raw['toolUsePromptTokenCount']);
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: atMost(count(raw['cachedContentTokenCount']), inputTokens),
    outputTokens: count(raw['candidatesTokenCount'] ?? raw['responseTokenCount']) + reasoningTokens,
    reasoningTokens,
    audioInputTokens: modality(raw['promptTokensDetails'], 'AUDIO'),
    imageInputTokens: modality(raw['promptTokensDetails'], 'IMAGE'),
    audioOutputTokens: modality(raw['candidatesTokensDetails'], 'AUDIO'),
    imageOutputTokens: modality(raw['candidatesTokensDetails'], 'IMAGE'),
  };
}

function modality(value: unknown, name: string): number {
  if (!Array.isArray(value)) return 0;
  return value.reduce<number>((sum, one) => {
    const detail = record(one);
    return detail?.['modality'] === name ? sum + count(detail['tokenCount']) : sum;
  }, 0);
}

export function record(value: unknown): Raw | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null;
}

/** A provider's number of something; nonsense counts as none. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function seconds(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function atMost(value: number, limit: number): number {
  return Math.min(value, limit);
}
