import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { parseCidr } from './addresses.ts';
import type { Allowances } from './ruleset.ts';

export type AllowanceSources = {
  /** ENGINE_HOST_ALLOW: `address:port`. */
  host: string[];
  resolvers: string[];
  /** ENGINE_EGRESS_ALLOW: networks, addresses or names. */
  egress: string[];
  /** `host:port` of package registries. */
  packageHosts: string[];
};

export type Resolve = (name: string) => Promise<string[]>;

/** A name server that does not answer must not hold up the engine's start; names are asked again later. */
const RESOLVE_TIMEOUT_MS = 3000;

export const resolveName: Resolve = async (name) => {
  const found = await Promise.race([
    lookup(name, { all: true, family: 4 }),
    sleep(RESOLVE_TIMEOUT_MS, null, { ref: false }),
  ]);
  if (found === null) throw new Error(`no answer within ${RESOLVE_TIMEOUT_MS} ms`);
  return found.map((entry) => entry.address);
};

/**
 * Turns names into the addresses they have now. A name that does not resolve keeps the addresses it had before, so
 * that a short failure of DNS takes nothing away.
 */
export function createAllowanceResolver(sources: AllowanceSources, log: Logger, resolve: Resolve = resolveName) {
  const known = new Map<string, string[]>();

  async function addressesOf(name: string): Promise<string[]> {
    if (parseCidr(name) !== null) return [name];
    try {
      const addresses = await resolve(name);
      known.set(name, addresses.toSorted());
    } catch (error) {
      log.warn({ name, err: error }, 'a host that sandboxes may reach does not resolve');
    }
    return known.get(name) ?? [];
  }

  return async (): Promise<Allowances> => {
    const networks = await Promise.all(sources.egress.map(addressesOf));
    const services = await Promise.all(
      sources.packageHosts.map(async (hostPort) => {
        const colon = hostPort.lastIndexOf(':');
        const addresses = await addressesOf(hostPort.slice(0, colon));
        return addresses.map((address) => `${address}${hostPort.slice(colon)}`);
      }),
    );
    return { host: sources.host, resolvers: sources.resolvers, networks: networks.flat(), services: services.flat() };
  };
}
