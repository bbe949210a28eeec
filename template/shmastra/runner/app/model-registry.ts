import type { ModelRegistry } from './mastra-types.ts';

/** The gateway of another vendor: listing the providers would call its API over the network. */
const UNWANTED_GATEWAYS = new Set(['netlify']);

/**
 * Makes `google/*` models respect GOOGLE_BASE_URL, which Mastra does only for providers with a known address, and keeps
 * the list of providers from calling a third party.
 */
export function adjustModelRegistry({ PROVIDER_REGISTRY, defaultGateways }: ModelRegistry): void {
  const google = PROVIDER_REGISTRY.google;
  if (google !== undefined && google.url === undefined) {
    google.url = 'https://generativelanguage.googleapis.com/v1beta';
  }
  for (let index = defaultGateways.length - 1; index >= 0; index--) {
    if (UNWANTED_GATEWAYS.has(defaultGateways[index]?.id ?? '')) defaultGateways.splice(index, 1);
  }
}
