/** What a provider speaks, which decides its routes, headers, errors and how its usage is read. */
export type Protocol = 'openai' | 'anthropic' | 'google' | 'composio';

/** The providers that are always known, whether or not they are configured. */
export const PROVIDER_NAMES = ['openai', 'anthropic', 'google', 'composio'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** Of several keys each gets calls in proportion to its weight. */
export type ProviderKey = { secret: string; weight: number };

export type Provider = {
  /** Its first path segment below the gateway. */
  name: string;
  protocol: Protocol;
  /** Base URL with the API's version, without a trailing slash. */
  baseUrl: string;
  /** None for the demo model, which wants no key, and for a model on a private network. */
  keys: readonly ProviderKey[];
  demo: boolean;
};

/** By name. Those that are missing are not configured. */
export type Providers = ReadonlyMap<string, Provider>;

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

export type ExtraProvider = {
  /** `openai` unless it says otherwise. */
  protocol?: Protocol | undefined;
  baseUrl?: string | undefined;
  keys?: readonly { key: string; weight?: number | undefined }[] | undefined;
};

export type ProviderSettings = {
  providers: Record<ProviderName, { apiKey: string | undefined; baseUrl: string | undefined }>;
  demoModelUrl: string | undefined;
  /** GATEWAY_PROVIDERS: further providers, and more about the known ones. */
  gatewayProviders?: Readonly<Record<string, ExtraProvider>> | undefined;
};

export function providersFromSettings(settings: ProviderSettings): Providers {
  const providers = new Map<string, Provider>();
  for (const name of PROVIDER_NAMES) {
    const provider = knownProvider(settings, name);
    if (provider) providers.set(name, provider);
  }
  for (const [name, extra] of Object.entries(settings.gatewayProviders ?? {})) {
    if (isProviderName(name) || extra.baseUrl === undefined) continue;
    const { protocol = 'openai', baseUrl } = extra;
    providers.set(name, { name, protocol, baseUrl: versioned(protocol, baseUrl), keys: keysOf(extra), demo: false });
  }
  return providers;
}

function knownProvider(settings: ProviderSettings, name: ProviderName): Provider | null {
  const { apiKey, baseUrl } = settings.providers[name];
  const extra = settings.gatewayProviders?.[name];
  const keys = [...(apiKey === undefined ? [] : [{ secret: apiKey, weight: 1 }]), ...keysOf(extra ?? {})];
  if (keys.length > 0) {
    return { name, protocol: name, baseUrl: versioned(name, extra?.baseUrl ?? baseUrl), keys, demo: false };
  }
  const demoPath = DEMO_PATH[name];
  if (settings.demoModelUrl === undefined || demoPath === null) return null;
  return {
    name,
    protocol: name,
    baseUrl: `${settings.demoModelUrl.replace(/\/+$/, '')}${demoPath}`,
    keys: [],
    demo: true,
  };
}

function keysOf({ keys = [] }: ExtraProvider): ProviderKey[] {
  return keys.map(({ key, weight = 1 }) => ({ secret: key, weight }));
}

export function isProviderName(name: string): name is ProviderName {
  return (PROVIDER_NAMES as readonly string[]).includes(name);
}

/** People write base URLs with and without the version; a bare origin gets the provider's usual path. */
function versioned(protocol: Protocol, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return DEFAULT_BASE[protocol];
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? new URL(DEFAULT_BASE[protocol]).pathname : path}`;
}
