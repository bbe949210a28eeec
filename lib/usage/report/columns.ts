/** The columns of exported files, in their order. */
export const DAY_COLUMNS = [
  'day',
  'provider',
  'model',
  'calls',
  'failedCalls',
  'estimatedCalls',
  'inputTokens',
  'cachedInputTokens',
  'outputTokens',
  'costMicros',
] as const;

export const EVENT_COLUMNS = [
  'at',
  'userId',
  'provider',
  'model',
  'operation',
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'costMicros',
  'estimated',
  'pricedBy',
  'outcome',
  'status',
  'latencyMs',
  'firstByteMs',
  'requestId',
] as const;

export const PERSON_COLUMNS = [
  'userId',
  'email',
  'name',
  'role',
  'calls',
  'failedCalls',
  'estimatedCalls',
  'inputTokens',
  'outputTokens',
  'costMicros',
] as const;
