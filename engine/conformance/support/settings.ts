import { afterAll, describe, inject } from 'vitest';
import { SDKS, type Sandbox, type Sdk, type SdkVersion } from './sdks.ts';

export type Connection = { apiKey: string; domain: string; apiUrl?: string; sandboxUrl?: string };

/** One of the ways in which a caller can be set up. */
export type Setting = {
  sdk: Sdk;
  version: SdkVersion;
  transport: 'http';
  /** For every call of the SDK that takes options. */
  connection: Connection;
  /** Where the engine's API is, for what the SDK cannot say. */
  apiUrl: string;
  /** How a person would write the address of a port of a sandbox. */
  urlOf(sandbox: Sandbox, port: number): string;
  /** A sandbox that is killed when the tests of this setting are over. */
  create: Create;
};
type Create = (options?: Parameters<Sdk['Sandbox']['create']>[1] & { template?: string }) => Promise<Sandbox>;

/** Runs `body` once per setting; the cases in it are written once for all of them. */
export function inEverySetting(name: string, body: (setting: Setting) => void): void {
  const { apiKey, url, domain } = inject('plainEngine');
  const transports = [
    { transport: 'http' as const, apiUrl: url, connection: { apiKey, domain, apiUrl: url, sandboxUrl: url } },
  ];
  for (const { transport, apiUrl, connection } of transports) {
    for (const version of Object.keys(SDKS) as SdkVersion[]) {
      describe(`${name}, e2b ${version}, ${transport}`, () => {
        const sdk = SDKS[version];
        const created: Sandbox[] = [];
        afterAll(async () => {
          await Promise.all(created.map((sandbox) => sandbox.kill()));
        });
        body({
          ...{ sdk, version, transport, connection, apiUrl },
          urlOf: (sandbox, port) => `${transport}://${sandbox.getHost(port)}`,
          async create({ template = 'base', ...options } = {}) {
            const sandbox = await sdk.Sandbox.create(template, { timeoutMs: 300_000, ...connection, ...options });
            created.push(sandbox);
            return sandbox;
          },
        });
      });
    }
  }
}
