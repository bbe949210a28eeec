import { describe, expect, it } from 'vitest';
import { buildAllowanceUpdate, buildRuleset, DENIED_NETWORKS } from './ruleset.ts';

const allow = {
  host: ['10.9.0.1:3001'],
  resolvers: ['192.0.2.53'],
  networks: ['172.20.0.0/16'],
  services: ['203.0.113.80:443'],
};
const proxy = { address: '10.9.0.1', http: 1080, tls: 1443 };
const chain = (text: string, name: string) => text.slice(text.indexOf(`chain ${name}`)).split('\n  }')[0] ?? '';

describe('buildRuleset', () => {
  const text = buildRuleset('ab12', '10.9.0.0/16', allow, proxy);

  it('replaces the table of its instance and no other', () => {
    expect(text).toMatch(/^table inet shmastra_ab12\ndelete table inet shmastra_ab12\n/);
    expect(text.match(/table inet (\S+)/g)?.every((name) => name.endsWith('shmastra_ab12'))).toBe(true);
    expect(text).toContain('"sab12-*"');
  });

  it('lets sandboxes reach on the host what is listed and nothing else', () => {
    const input = chain(text, 'input')
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(text).toContain('set host_allow { type ipv4_addr . inet_service; elements = { 10.9.0.1 . 3001 }; }');
    expect(input.at(-1)).toBe('drop');
    expect(input.indexOf('fib saddr . iif oif missing drop')).toBeLessThan(
      input.indexOf('ct state established,related accept'),
    );
  });

  it('checks whom a packet is for before it lets it out', () => {
    const lines = chain(text, 'forward')
      .split('\n')
      .map((line) => line.trim());
    const order = [
      'oifname "sab12-*" iifname "sab12-*" drop',
      'oifname "sab12-*" drop',
      'meta nfproto != ipv4 drop',
      'fib saddr . iif oif missing drop',
      'ip saddr vmap @policies',
      'ct state established,related accept',
      'ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept',
      'ip daddr @denied reject with icmpx admin-prohibited',
      'accept',
    ].map((rule) => lines.lastIndexOf(rule));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it.each([
    '10.0.0.0/8',
    '127.0.0.0/8',
    '168.63.129.16/32',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '224.0.0.0/4',
  ])('denies %s', (network) => {
    expect(DENIED_NETWORKS).toContain(network);
    expect(text).toContain(network);
  });

  it('leaves sets without elements out', () => {
    const empty = buildRuleset('ab12', '10.9.0.0/16', { host: [], resolvers: [], networks: [], services: [] }, proxy);
    expect(empty).toContain('set resolvers { type ipv4_addr; }');
  });
});

describe('buildAllowanceUpdate', () => {
  it('replaces each set in one transaction', () => {
    expect(buildAllowanceUpdate('ab12', { ...allow, networks: [] }).split('\n')).toEqual([
      'flush set inet shmastra_ab12 resolvers',
      'add element inet shmastra_ab12 resolvers { 192.0.2.53 }',
      'flush set inet shmastra_ab12 egress_networks',
      'flush set inet shmastra_ab12 egress_services',
      'add element inet shmastra_ab12 egress_services { 203.0.113.80 . 443 }',
      '',
    ]);
  });
});
