/** The tiers among which a person chooses, from cheap and quick to what is best at code. */
export const MODEL_TIERS = ['fast', 'general', 'best', 'developer'] as const;
export type ModelTier = (typeof MODEL_TIERS)[number];

/**
 * Models of each tier in fall-back order, as `<provider>/<model>`: one of each provider, then their earlier ones, for
 * accounts that the newest are not open to.
 *
 * Sources, on 26 November 2026: the providers' overviews of models (developers.openai.com/docs/models,
 * platform.claude.com/docs/models/overview, ai.google.dev/gemini-api/docs/models) for what each is meant for, and the
 * registry of @mastra/core 1.71 for the names, which `npm test` compares.
 */
export const DEFAULT_MODELS: Readonly<Record<ModelTier, readonly string[]>> = {
  fast: [
    'openai/gpt-5.4-mini',
    'anthropic/claude-haiku-4-5',
    'google/gemini-3.5-flash-lite',
    'openai/gpt-5-mini',
    'google/gemini-2.5-flash',
  ],
  general: [
    'anthropic/claude-sonnet-5',
    'openai/gpt-5.4',
    'google/gemini-3.5-flash',
    'anthropic/claude-sonnet-4-6',
    'openai/gpt-5-mini',
    'google/gemini-2.5-pro',
  ],
  best: [
    'anthropic/claude-opus-5',
    'openai/gpt-5.5',
    'google/gemini-3.1-pro-preview',
    'anthropic/claude-opus-4-8',
    'openai/gpt-5.4',
    'google/gemini-2.5-pro',
  ],
  developer: [
    'anthropic/claude-sonnet-5',
    'openai/gpt-5.3-codex',
    'google/gemini-3.1-pro-preview',
    'anthropic/claude-sonnet-4-6',
    'openai/gpt-5.4',
    'google/gemini-2.5-pro',
  ],
};
