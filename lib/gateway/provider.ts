/** The providers that sandboxes reach through the gateway, and what stands behind each. */
export const PROVIDER_NAMES = ['openai', 'anthropic', 'google', 'composio'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export type Upstream = {
  /** Base URL with the API's version, without a trailing slash. */
  baseUrl: string;
  /** The real key, or null for the demo model, which wants none. */
  apiKey: string | null;
  demo: boolean;
};

/** Null: no key and no demo model. */
export type Providers = Record<ProviderName, Upstream | null>;

export function isProviderName(name: string): name is ProviderName {
  return (PROVIDER_NAMES as readonly string[]).includes(name);
}

const DEFAULT_BASE: Record<ProviderName, string> = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
  composio: 'https://backend.composio.dev/api/v3',
};
/** Path of each provider below the demo model's address. It plays models only, no tools. */
const DEMO_PATH: Record<ProviderName, string | null> = {
  openai: '/openai/v1',
  anthropic: '/anthropic/v1',
  google: '/google/v1beta',
  composio: null,
};

export type ProviderSettings = {
  providers: Record<ProviderName, { apiKey: string | undefined; baseUrl: string | undefined }>;
  demoModelUrl: string | undefined;
};

export function providersFromSettings(settings: ProviderSettings): Providers {
  const one = (name: ProviderName): Upstream | null => {
    const { apiKey, baseUrl } = settings.providers[name];
    if (apiKey !== undefined) return { baseUrl: versioned(name, baseUrl), apiKey, demo: false };
    const demoPath = DEMO_PATH[name];
    if (settings.demoModelUrl === undefined || demoPath === null) return null;
    return { baseUrl: `${settings.demoModelUrl.replace(/\/+$/, '')}${demoPath}`, apiKey: null, demo: true };
  };
  return { openai: one('openai'), anthropic: one('anthropic'), google: one('google'), composio: one('composio') };
}

/** People write base URLs with and without the version; a bare origin gets the provider's usual path. */
function versioned(name: ProviderName, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return DEFAULT_BASE[name];
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? new URL(DEFAULT_BASE[name]).pathname : path}`;
}
