import type { ProviderName, Settings } from '../../lib/settings.ts';

const modelProviders = ['openai', 'anthropic', 'google'] as const satisfies ProviderName[];
type ModelProvider = (typeof modelProviders)[number];

export type ProviderState = { name: ModelProvider; label: string; variable: string; state: 'key' | 'demo' | 'none' };

const labels: Record<ModelProvider, string> = { openai: 'OpenAI', anthropic: 'Anthropic', google: 'Google' };
const variables: Record<ModelProvider, string> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
};

type ProviderSettings = Pick<Settings, 'demoModelUrl' | 'providers'>;

/** Who answers for each provider: its own service, the demo model, or nobody. */
export function providerStates(settings: ProviderSettings): ProviderState[] {
  return modelProviders.map((name) => ({
    name,
    label: labels[name],
    variable: variables[name],
    state: settings.providers[name].apiKey ? 'key' : settings.demoModelUrl ? 'demo' : 'none',
  }));
}

/** Whether the model that agents use from the start is the demo. */
export function usesDemoModel(settings: ProviderSettings & Pick<Settings, 'sandbox'>): boolean {
  const provider = settings.sandbox.defaultModel.split('/')[0];
  return providerStates(settings).some(({ name, state }) => name === provider && state === 'demo');
}
