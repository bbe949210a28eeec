import type { EgressPolicy } from './policy.ts';

/** Where connections go that are decided by the name they ask for. */
export type DomainProxy = { address: string; http: number; tls: number };

/** The policy of the sandbox at `address`; null: nothing but the engine's own rules. */
export type AddressPolicy = { index: number; address: string; policy: EgressPolicy | null };

/**
 * Puts the policy of one sandbox in the place of the one it has, if any, in one transaction. Packets of connections that
 * exist are checked as well: what is denied ends at once. What a policy lets pass goes on to the engine's own rules.
 */
export function buildPolicyUpdate(
  tableName: string,
  proxy: DomainProxy,
  { index, address, policy }: AddressPolicy,
): string {
  const byDomain = policy !== null && policy.domains.length > 0;
  const allowed = policy?.allow.length ? [`ip daddr { ${policy.allow.join(', ')} } return`] : [];
  // Names have to be looked up before they can be asked for.
  const lookups = byDomain ? ['ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 return'] : [];
  const denied = policy && [
    ...allowed,
    ...lookups,
    `ip daddr { ${policy.deny.join(', ')} } reject with icmpx admin-prohibited`,
  ];
  const redirected = byDomain && [
    ...allowed,
    `tcp dport 80 dnat ip to ${proxy.address}:${proxy.http}`,
    `tcp dport 443 dnat ip to ${proxy.address}:${proxy.tls}`,
  ];
  const table = `inet ${tableName}`;
  return [
    ...replaceChain(table, { map: 'policies', chain: `policy_${index}`, address, rules: denied || null }),
    ...replaceChain(table, { map: 'domains', chain: `domains_${index}`, address, rules: redirected || null }),
    '',
  ].join('\n');
}

function replaceChain(
  table: string,
  input: { map: string; chain: string; address: string; rules: string[] | null },
): string[] {
  const { map, chain, address, rules } = input;
  const element = `element ${table} ${map} { ${address}`;
  return [
    // Adding what may be there already is no error, unlike deleting what may not.
    `add chain ${table} ${chain}`,
    `add ${element} : jump ${chain} }`,
    `delete ${element} }`,
    `flush chain ${table} ${chain}`,
    ...(rules === null
      ? [`delete chain ${table} ${chain}`]
      : [...rules.map((rule) => `add rule ${table} ${chain} ${rule}`), `add ${element} : jump ${chain} }`]),
  ];
}
