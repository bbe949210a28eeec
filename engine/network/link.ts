import { readFileSync } from 'node:fs';
import { command } from '../runtime/command.ts';
import { parseIpv4 } from './addresses.ts';

/** Names of an instance's links on the host: at most 15 characters, and no instance's prefix matches another's. */
export const linkPrefix = (instance: string) => `s${instance}-`;
export const linkName = (instance: string, index: number) => `${linkPrefix(instance)}${index}`;
export const gatewayLabel = (instance: string) => `lo:s${instance}`;

/** Locally administered; both ends are known beforehand, so that no packet has to wait for ARP. */
function macs(address: string): { host: string; peer: string } {
  const hex = (parseIpv4(address) ?? 0).toString(16).padStart(8, '0').match(/../g) ?? [];
  return { host: `02:01:${hex.join(':')}`, peer: `02:02:${hex.join(':')}` };
}

/**
 * Joins the network namespace of process `pid` to the host by a routed veth pair. Connections that the host makes to
 * the sandbox's address arrive at 127.0.0.1, so that a server that listens only there is reached too.
 */
export async function attachLink(input: {
  instance: string;
  index: number;
  address: string;
  gateway: string;
  mtu: number;
  pid: number;
}): Promise<void> {
  const { address, gateway, mtu } = input;
  const name = linkName(input.instance, input.index);
  const mac = macs(address);
  await command('ip', ['-batch', '-'], {
    input: [
      `link add ${name} address ${mac.host} mtu ${mtu} type veth peer name eth0 address ${mac.peer} mtu ${mtu} netns ${input.pid}`,
      `link set ${name} addrgenmode none`,
      `link set ${name} up`,
      `route replace ${address}/32 dev ${name} src ${gateway}`,
      `neigh replace ${address} lladdr ${mac.peer} dev ${name} nud permanent`,
    ].join('\n'),
  });
  const redirect = innerRules(gateway, address).join('; ');
  await command(
    'nsenter',
    [`--net=/proc/${input.pid}/ns/net`, 'sh', '-c', 'ip -batch - && exec nft "$1"', 'sh', redirect],
    {
      input: [
        'link set lo up',
        `addr add ${address}/32 dev eth0`,
        'link set eth0 up',
        `neigh replace ${gateway} lladdr ${mac.host} dev eth0 nud permanent`,
        `route add ${gateway} dev eth0`,
        `route add default via ${gateway} dev eth0`,
      ].join('\n'),
    },
  );
}

/** New connections to the gateway that a sandbox may have open in its own table. */
const GATEWAY_CONNECTIONS = 1024;

/**
 * The table inside the sandbox. Only connections with the gateway are tracked there: what the kernel keeps for a tracked
 * connection counts as nobody's memory, and a program makes a quarter of a million of them on loopback in a second.
 */
function innerRules(gateway: string, address: string): string[] {
  return [
    'add table ip engine',
    'add chain ip engine raw_in { type filter hook prerouting priority raw; }',
    `add rule ip engine raw_in ip saddr != ${gateway} notrack`,
    'add chain ip engine raw_out { type filter hook output priority raw; }',
    `add rule ip engine raw_out ip daddr != ${gateway} notrack`,
    'add rule ip engine raw_out oifname "lo" notrack',
    'add rule ip engine raw_out meta l4proto != tcp notrack',
    'add chain ip engine output { type filter hook output priority filter; }',
    `add rule ip engine output ct state new ct count over ${GATEWAY_CONNECTIONS} drop`,
    'add chain ip engine prerouting { type nat hook prerouting priority dstnat; }',
    `add rule ip engine prerouting iifname "eth0" ip saddr ${gateway} ip daddr ${address} meta l4proto tcp dnat to 127.0.0.1`,
  ];
}

/** No error when the link went away with its namespace. */
export async function detachLink(instance: string, index: number): Promise<void> {
  await deleteLink(linkName(instance, index));
}

export async function deleteLink(name: string): Promise<void> {
  await command('ip', ['link', 'delete', name]).catch((error: unknown) => {
    // Gone before the call, or during it.
    if (!/Cannot find device|No such device/.test(String(error))) throw error;
  });
}

/** The MTU of the interface of the default route: a larger one inside would depend on path MTU discovery. */
export function defaultMtu(): number {
  try {
    const route = readFileSync('/proc/net/route', 'latin1')
      .split('\n')
      .map((line) => line.split('\t'))
      .find((fields) => fields[1] === '00000000');
    return Number(readFileSync(`/sys/class/net/${route?.[0]}/mtu`, 'latin1')) || 1500;
  } catch {
    return 1500;
  }
}
