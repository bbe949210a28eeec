import { linkPrefix } from './link.ts';
import { buildPolicyUpdate, type AddressPolicy, type DomainProxy } from './policy-rules.ts';

/**
 * Never reached from a sandbox unless allowed by name: special-use networks of RFC 6890 and its successors, and Azure's
 * WireServer, which hands out secrets of the virtual machine and is the one metadata service outside of them.
 */
export const DENIED_NETWORKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * Connections (and flows of datagrams) that one sandbox may have open. The kernel has one table for the whole host; full,
 * it drops everybody's packets, and one program fills it in seconds.
 */
export const CONNECTIONS_PER_SANDBOX = 4096;

const LIMIT_CONNECTIONS = `ct state new add @connections { ip saddr ct count over ${CONNECTIONS_PER_SANDBOX} } drop`;

export type Allowances = {
  /** `address:port` on the host itself. */
  host: string[];
  /** Addresses of DNS servers, for port 53. */
  resolvers: string[];
  /** Addresses and networks, every port. */
  networks: string[];
  /** `address:port` elsewhere. */
  services: string[];
};

export const tableName = (instance: string) => `shmastra_${instance}`;

const pair = (hostPort: string) => hostPort.replace(/:(\d+)$/, ' . $1');

function set(name: string, type: string, elements: string[], flags = ''): string {
  const content = elements.length === 0 ? '' : ` elements = { ${[...new Set(elements)].join(', ')} };`;
  return `  set ${name} { type ${type};${flags}${content} }`;
}

/**
 * The whole table, replaced atomically. Every rule looks at the link a packet came through, which the sandbox cannot
 * choose, and the address it claims must be routed back through that link. On the host only root (the engine) reaches
 * sandboxes.
 */
export function buildRuleset(
  instance: string,
  subnet: string,
  allow: Allowances,
  proxy: DomainProxy,
  policies: AddressPolicy[] = [],
): string {
  const table = tableName(instance);
  const links = `"${linkPrefix(instance)}*"`;
  return `table inet ${table}
delete table inet ${table}
table inet ${table} {
${set('host_allow', 'ipv4_addr . inet_service', allow.host.map(pair))}
${set('resolvers', 'ipv4_addr', allow.resolvers)}
${set('egress_networks', 'ipv4_addr', allow.networks, ' flags interval; auto-merge;')}
${set('egress_services', 'ipv4_addr . inet_service', allow.services.map(pair))}
${set('denied', 'ipv4_addr', DENIED_NETWORKS, ' flags interval;')}
  set connections { type ipv4_addr; size 65536; flags dynamic; }
  map policies { type ipv4_addr : verdict; }
  map domains { type ipv4_addr : verdict; }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname ${links} ip daddr != ${proxy.address} ip saddr vmap @domains
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != ${links} return
    meta nfproto != ipv4 drop
    fib saddr . iif oif missing drop
    ct state established,related accept
    ${LIMIT_CONNECTIONS}
    ct status dnat ip daddr ${proxy.address} tcp dport { ${proxy.http}, ${proxy.tls} } accept
    ip daddr . tcp dport @host_allow accept
    drop
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    oifname ${links} iifname ${links} drop
    oifname ${links} ct state established,related accept
    oifname ${links} drop
    iifname != ${links} return
    meta nfproto != ipv4 drop
    fib saddr . iif oif missing drop
    ct state invalid drop
    ip saddr vmap @policies
    ct state established,related accept
    ${LIMIT_CONNECTIONS}
    ip daddr . tcp dport @egress_services accept
    ip daddr @egress_networks accept
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    ip daddr @denied reject with icmpx admin-prohibited
    accept
  }
  chain output {
    type filter hook output priority filter - 10; policy accept;
    oifname ${links} ct direction reply accept
    oifname ${links} meta skuid != 0 reject with icmpx admin-prohibited
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet} oifname != ${links} oifname != "lo" masquerade
  }
}
${policies.map((policy) => buildPolicyUpdate(table, proxy, policy)).join('')}`;
}

/** Replaces what changes while the engine runs: addresses behind names. */
export function buildAllowanceUpdate(instance: string, allow: Allowances): string {
  const table = `inet ${tableName(instance)}`;
  const replace = (name: string, elements: string[]) => [
    `flush set ${table} ${name}`,
    ...(elements.length ? [`add element ${table} ${name} { ${elements.join(', ')} }`] : []),
  ];
  return `${[
    ...replace('resolvers', allow.resolvers),
    ...replace('egress_networks', allow.networks),
    ...replace('egress_services', allow.services.map(pair)),
  ].join('\n')}\n`;
}
