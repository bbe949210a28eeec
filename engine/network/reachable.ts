import { networkInterfaces } from 'node:os';
import { containsAddress, parseIpv4 } from './addresses.ts';
import { DENIED_NETWORKS, type Allowances } from './ruleset.ts';

/** The packet filter's own rules once more, for connections that the engine makes in the place of a sandbox. */
export function createReachability(
  subnet: string,
  allowances: () => Allowances,
  ownAddresses: () => string[] = addressesOfHost,
): (address: string, port: number) => boolean {
  return (address, port) => {
    const allow = allowances();
    const service = `${address}:${port}`;
    const inside = (network: string) => containsAddress(network, address);
    if (parseIpv4(address) === null || inside(subnet)) return false;
    if (ownAddresses().includes(address)) return allow.host.includes(service);
    return allow.services.includes(service) || allow.networks.some(inside) || !DENIED_NETWORKS.some(inside);
  };
}

function addressesOfHost(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map((entry) => entry.address);
}
