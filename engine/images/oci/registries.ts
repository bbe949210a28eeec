import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { BadRequestError } from '../../api/errors.ts';
import { DENIED_NETWORKS } from '../../network/ruleset.ts';

/** Registries that images may be fetched from. */
export type Registries = {
  /** Empty: every one on the internet, by TLS. */
  allowed: { host: string; plainHttp: boolean }[];
};

/** @param entries of ENGINE_REGISTRIES: `ghcr.io`, `registry.example.com:5000`, `http://10.0.0.5:5000` */
export function parseRegistries(entries: string[]): Registries {
  const allowed = entries.map((entry) => ({
    host: entry.replace(/^https?:\/\//, '').replace(/\/+$/, ''),
    plainHttp: entry.startsWith('http://'),
  }));
  return { allowed };
}

/** @throws BadRequestError for a registry that the settings do not name */
export function findRegistry(registries: Registries, host: string): { plainHttp: boolean } {
  if (registries.allowed.length === 0) return { plainHttp: false };
  const found = registries.allowed.find((registry) => registry.host === host);
  if (found !== undefined) return found;
  const names = registries.allowed.map((registry) => registry.host).join(', ');
  throw new BadRequestError(`images of ${host} are not allowed here: ENGINE_REGISTRIES names ${names}`);
}

const SPECIAL = new BlockList();
for (const network of DENIED_NETWORKS) {
  const [address = '', prefix] = network.split('/');
  SPECIAL.addSubnet(address, Number(prefix), 'ipv4');
}
/** All others are for the use of this machine or its network, or lead to IPv4. */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
for (const [address, prefix] of [
  ['2001::', 32],
  ['2002::', 16],
] as const)
  SPECIAL.addSubnet(address, prefix, 'ipv6');

type Resolve = (name: string) => Promise<string[]>;
const resolveAll: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * Whoever may name an image must not have the engine knock at doors of its own network: registries there count only when
 * the settings name them. A registry may still send the engine on to another address; only a firewall can keep it from that.
 * @throws BadRequestError
 */
export async function requirePublic(registries: Registries, host: string, resolve = resolveAll): Promise<void> {
  if (registries.allowed.length > 0) return;
  // A name that does not resolve here may do so where a proxy is: without one, fetching fails soon enough.
  const addresses = await resolve(host.replace(/:\d+$/, '')).catch((): string[] => []);
  const isPublic = (address: string) =>
    isIPv6(address)
      ? GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6')
      : !SPECIAL.check(address, 'ipv4');
  if (addresses.every(isPublic)) return;
  throw new BadRequestError(`${host} is in a private network: it has to be named in ENGINE_REGISTRIES`);
}
