import { isIP, isIPv4, isIPv6 } from 'node:net';
import { formatIpv4, parseIpv4 } from './addresses.ts';

/** What create and the network update say about a sandbox's way out, as E2B names it. */
export type EgressRules = { allowOut?: string[] | undefined; denyOut?: string[] | undefined };

/** What the packet filter and the domain proxy do with the connections of one sandbox. */
export type EgressPolicy = {
  /** IPv4 networks, none inside another. They go before `deny`, but never open what the engine itself denies. */
  allow: string[];
  deny: string[];
  /** Names in lower case: exact, `*.example.com`, or `*`. They are matched on ports 80 and 443 alone. */
  domains: string[];
};

/** All of IPv4: E2B's ALL_TRAFFIC. */
export const ALL_TRAFFIC = '0.0.0.0/0';

/** Null when nothing is denied: then there is nothing to allow either. Entries were validated before. */
export function egressPolicy(input: {
  allowInternetAccess: boolean;
  network?: EgressRules | undefined;
}): EgressPolicy | null {
  const { allowOut = [], denyOut = [] } = input.network ?? {};
  const deny = input.allowInternetAccess ? disjoint(denyOut) : [ALL_TRAFFIC];
  if (deny.length === 0) return null;
  const domains = allowOut.filter((entry) => !isAddress(entry)).map((name) => name.toLowerCase());
  return { allow: disjoint(allowOut.filter(isAddress)), deny, domains: [...new Set(domains)] };
}

export function isAddress(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

/** E2B refuses 0.0.0.0 and ::, alone or with a prefix; only all of IPv4 may be written so. */
export function isSpecifiedAddress(entry: string): boolean {
  if (!isAddress(entry)) return false;
  const [address = ''] = entry.split('/');
  return entry === ALL_TRAFFIC || !/^(0\.0\.0\.0|[0:]+)$/.test(address);
}

/** `hostname` as a client sent it; a pattern with a wildcard does not mean the name below which it stands. */
export function matchesDomain(hostname: string, patterns: string[]): boolean {
  const name = hostname.toLowerCase();
  if (name === '' || isIPv6(name)) return false;
  if (patterns.includes('*') || patterns.includes(name)) return true;
  return !isIPv4(name) && patterns.some((pattern) => pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
}

/** IPv4 networks without those that lie inside another. Sandboxes have no IPv6: such entries mean nothing. */
function disjoint(entries: string[]): string[] {
  const networks = entries
    .map(toNetwork)
    .filter((network) => network !== null)
    .sort((a, b) => a.prefix - b.prefix || a.base - b.base);
  const kept: { base: number; prefix: number }[] = [];
  for (const network of networks) {
    if (!kept.some((wider) => maskTo(network.base, wider.prefix) === wider.base)) kept.push(network);
  }
  return kept.map(({ base, prefix }) => `${formatIpv4(base)}/${prefix}`);
}

function toNetwork(entry: string): { base: number; prefix: number } | null {
  const [text = '', prefixText] = entry.split('/');
  const mapped = isIPv6(text) && prefixText === undefined ? /^::ffff:([\d.]+)$/i.exec(text)?.[1] : undefined;
  const address = mapped ?? text;
  const value = isIPv4(address) ? parseIpv4(address) : null;
  if (value === null) return null;
  const prefix = prefixText === undefined ? 32 : Number(prefixText);
  return { base: maskTo(value, prefix), prefix };
}

function maskTo(value: number, prefix: number): number {
  return value - (value % 2 ** (32 - prefix));
}
