import type { Logger } from 'pino';
import { HostError } from '../api/errors.ts';
import { command } from '../runtime/command.ts';
import { AddressPool } from './addresses.ts';
import { createAllowanceResolver, type AllowanceSources } from './allowances.ts';
import { createEgressProxy } from './egress-proxy.ts';
import { findResolvers, resolverOptions } from './host-network.ts';
import { attachLink, defaultMtu, deleteLink, detachLink, gatewayLabel, linkName, linkPrefix } from './link.ts';
import { knownPackageHosts } from './package-hosts.ts';
import { buildPolicyUpdate } from './policy-rules.ts';
import type { EgressPolicy } from './policy.ts';
import { createReachability } from './reachable.ts';
import { buildAllowanceUpdate, buildRuleset, tableName } from './ruleset.ts';

/** Names behind ENGINE_EGRESS_ALLOW and the package registries are asked again this often. */
const REFRESH_MS = 5 * 60_000;

export type Network = {
  pool: AddressPool;
  /** Lines of a sandbox's /etc/resolv.conf. */
  resolvConf: string;
  attach(input: { index: number; pid: number; policy: EgressPolicy | null }): Promise<void>;
  /** Replaces the policy of a sandbox, running or frozen, at once and as a whole. */
  setPolicy(index: number, policy: EgressPolicy | null): Promise<void>;
  detach(index: number): Promise<void>;
  /** Names of the sandboxes' links that exist. */
  links(): Promise<string[]>;
  close(): void;
};

/**
 * Puts up the instance's gateway and its packet filter. Replaces what a former run left of them.
 * @param policies of the sandboxes that a former run left running, by their index
 */
export async function createNetwork(
  options: {
    instance: string;
    subnet: string;
    hostAllow: string[];
    egressAllow: string[];
    /** Keeps what was found out about package registries. */
    packageHostsFile: string;
    log: Logger;
  },
  policies = new Map<number, EgressPolicy>(),
): Promise<Network> {
  const { instance, subnet, log } = options;
  const pool = new AddressPool(subnet);
  const [resolvers, registries, searchLines] = await Promise.all([
    findResolvers(),
    knownPackageHosts(options.packageHostsFile),
    resolverOptions(),
  ]);
  if (resolvers.length === 0)
    log.warn('no DNS server of this host can be used by sandboxes: names will not resolve in them');
  const sources: AllowanceSources = {
    host: options.hostAllow,
    resolvers,
    egress: options.egressAllow,
    packageHosts: registries.hosts,
  };
  const allowances = createAllowanceResolver(sources, log);

  await createGateway(instance, subnet, pool.gateway);
  let allowed = await allowances();
  const indexOf = new Map([...policies.keys()].map((index) => [pool.address(index), index]));
  const proxy = await createEgressProxy(pool.gateway, {
    domainsOf: (address) => policies.get(indexOf.get(address) ?? -1)?.domains ?? [],
    mayReach: createReachability(subnet, () => allowed),
    log,
  });
  const domainProxy = { address: pool.gateway, ...proxy.ports };
  await command('nft', ['-f', '-'], {
    input: buildRuleset(
      instance,
      subnet,
      allowed,
      domainProxy,
      [...policies].map(([index, policy]) => ({ index, address: pool.address(index), policy })),
    ),
  });
  const mtu = defaultMtu();

  let closed = false;
  const update = async () => {
    try {
      allowed = await allowances();
      await command('nft', ['-f', '-'], { input: buildAllowanceUpdate(instance, allowed) });
    } catch (error) {
      log.error({ err: error }, 'could not refresh the allowed addresses');
    }
  };
  const refresh = setInterval(() => void update(), REFRESH_MS);
  refresh.unref();
  void registries.fresh?.then(
    (hosts) => {
      sources.packageHosts = hosts;
      return closed ? undefined : update();
    },
    (error: unknown) => log.warn({ err: error }, 'could not find out the host’s package registries'),
  );

  const setPolicy = async (index: number, policy: EgressPolicy | null) => {
    const address = pool.address(index);
    if (policy === null && !policies.has(index)) return;
    // What a failure leaves behind must not be thought to be gone.
    if (policy !== null) policies.set(index, policy);
    indexOf.set(address, index);
    const input = buildPolicyUpdate(tableName(instance), domainProxy, { index, address, policy });
    await command('nft', ['-f', '-'], { input });
    if (policy === null) {
      policies.delete(index);
      indexOf.delete(address);
    }
    proxy.recheck(address);
  };

  return {
    pool,
    resolvConf: `${[...resolvers.map((address) => `nameserver ${address}`), ...searchLines].join('\n')}\n`,
    setPolicy,
    async attach({ index, pid, policy }) {
      const address = pool.address(index);
      await setPolicy(index, policy);
      const input = { instance, index, address, gateway: pool.gateway, mtu, pid };
      await attachLink(input).catch(async (error: unknown) => {
        if (!/File exists/.test(String(error))) throw error;
        // The former link of this address goes away with its namespace, which takes the kernel a moment.
        await deleteLink(linkName(instance, index));
        await attachLink(input);
      });
    },
    async detach(index) {
      await detachLink(instance, index);
      await setPolicy(index, null);
    },
    links: () => listLinks(linkPrefix(instance)),
    close() {
      closed = true;
      clearInterval(refresh);
      proxy.close();
    },
  };
}

/** Removes what `createNetwork` made and every link of a sandbox. */
export async function removeNetwork(instance: string, subnet: string): Promise<void> {
  for (const name of await listLinks(linkPrefix(instance))) await deleteLink(name);
  const gateway = new AddressPool(subnet).gateway;
  const addresses = await command('ip', ['-oneline', '-4', 'address', 'show', 'dev', 'lo']);
  // Without the label the address and the route would be somebody else's.
  if (addresses.includes(gatewayLabel(instance))) {
    await command('ip', ['route', 'delete', 'unreachable', subnet, 'metric', '4096']).catch(() => {});
    await command('ip', ['address', 'delete', `${gateway}/32`, 'dev', 'lo']).catch(() => {});
  }
  await command('nft', [`delete table inet ${tableName(instance)}`]).catch((error: unknown) => {
    if (!/No such file/.test(String(error))) throw error;
  });
}

/**
 * The gateway is an address of the loopback device, where the kernel needs no module for it and which is always up. Its
 * label names the instance.
 */
async function createGateway(instance: string, subnet: string, gateway: string): Promise<void> {
  await checkSubnet(instance, subnet, gateway);
  await command('ip', ['-batch', '-'], {
    input: [
      // Scope host: the kernel never takes it as the source of the host's own connections.
      `addr replace ${gateway}/32 dev lo label ${gatewayLabel(instance)} scope host`,
      // A sandbox that is gone must not be looked for on the host's default route.
      `route replace unreachable ${subnet} metric 4096`,
    ].join('\n'),
  });
}

/** @throws HostError when the subnet belongs to another engine or to another network of the host. */
async function checkSubnet(instance: string, subnet: string, gateway: string): Promise<void> {
  const addresses = await command('ip', ['-oneline', '-4', 'address', 'show']);
  const taken = addresses.split('\n').find((line) => line.includes(` ${gateway}/`));
  const own = taken?.includes(gatewayLabel(instance));
  const routes = await command('ip', ['-4', 'route', 'show', 'root', subnet]);
  const foreign = routes
    .split('\n')
    .filter((line) => line !== '' && !(line.startsWith('unreachable') && own) && !line.startsWith('default'))
    .filter((line) => !line.includes(` dev ${linkPrefix(instance)}`));
  const problem = own ? foreign[0] : (taken ?? foreign[0]);
  if (problem !== undefined) {
    throw new HostError(`ENGINE_SUBNET ${subnet} is in use on this host (${problem.trim()}): choose another one`);
  }
}

async function listLinks(prefix: string): Promise<string[]> {
  const output = await command('ip', ['-oneline', 'link', 'show']);
  return [...output.matchAll(/^\d+: ([^:@\s]+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((name) => name.startsWith(prefix));
}
