import { afterAll, describe, inject } from 'vitest';
import { SDKS, type Sandbox, type Sdk, type SdkVersion } from './sdks.ts';

export type Connection = { apiKey: string; domain: string; apiUrl?: string; sandboxUrl?: string };

/** The two ways to set the SDK up: plain http with every address named, or TLS with the domain alone, as in the cloud. */
const TRANSPORTS = ['http', 'https'] as const;

/** One of the ways in which a caller can be set up. */
export type Setting = {
  sdk: Sdk;
  version: SdkVersion;
  transport: (typeof TRANSPORTS)[number];
  /** For every call of the SDK that takes options. */
  connection: Connection;
  /** The address of a port of a sandbox. */
  urlOf(sandbox: Sandbox, port: number): string;
  /** A sandbox that is killed when the tests of this setting are over. */
  create: Create;
};
type Create = (options?: Parameters<Sdk['Sandbox']['create']>[1] & { template?: string }) => Promise<Sandbox>;

/**
 * Runs `body` once per version of the SDK and transport; the cases in it are written once for all of them. With
 * SDK_SETTINGS=one, as in `npm test`, it takes the one that no other test takes.
 */
export function inEverySetting(name: string, body: (setting: Setting) => void): void {
  if (process.env.SDK_SETTINGS === 'one') return inSetting(name, '2.45', 'https', body);
  for (const transport of TRANSPORTS) {
    for (const version of Object.keys(SDKS) as SdkVersion[]) inSetting(name, version, transport, body);
  }
}

/** For slow cases: with each version of the SDK once, and over each transport once. */
export function inCrossedSettings(name: string, body: (setting: Setting) => void): void {
  if (process.env.SDK_SETTINGS === 'one') return inSetting(name, '2.45', 'https', body);
  inSetting(name, '2.51', 'https', body);
  inSetting(name, '2.45', 'http', body);
}

function inSetting(
  name: string,
  version: SdkVersion,
  transport: Setting['transport'],
  body: (setting: Setting) => void,
): void {
  describe(`${name}, e2b ${version}, ${transport}`, () => {
    const sdk = SDKS[version];
    const connection = connectionOf(transport);
    const created: Sandbox[] = [];
    afterAll(async () => {
      await Promise.all(created.map((sandbox) => sandbox.kill()));
    });
    body({
      ...{ sdk, version, transport, connection },
      urlOf: (sandbox, port) => `${transport}://${sandbox.getHost(port)}`,
      async create({ template = 'base', ...options } = {}) {
        const sandbox = await sdk.Sandbox.create(template, { timeoutMs: 300_000, ...connection, ...options });
        created.push(sandbox);
        return sandbox;
      },
    });
  });
}

function connectionOf(transport: Setting['transport']): Connection {
  const { apiKey, domain, plainPort, tlsPort } = inject('engine');
  if (transport === 'https') return { apiKey, domain: `${domain}:${tlsPort}` };
  const url = `http://127.0.0.1:${plainPort}`;
  return { apiKey, domain: `${domain}:${plainPort}`, apiUrl: url, sandboxUrl: url };
}
