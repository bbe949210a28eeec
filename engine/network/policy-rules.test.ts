import { expect, it } from 'vitest';
import { buildPolicyUpdate } from './policy-rules.ts';

const proxy = { address: '10.9.0.1', http: 1080, tls: 1443 };
const rules = (policy: Parameters<typeof buildPolicyUpdate>[2]['policy']) =>
  buildPolicyUpdate('shmastra_ab12', proxy, { index: 5, address: '10.9.0.5', policy }).split('\n');

it('replaces what there is, or is not, as a whole', () => {
  const all = rules({ allow: ['8.8.8.8/32'], deny: ['0.0.0.0/0'], domains: ['a.com'] });
  for (const [map, chain] of [
    ['policies', 'policy_5'],
    ['domains', 'domains_5'],
  ]) {
    const lines = all.filter((line) => line.includes(chain ?? '') || line.includes(` ${map} `));
    const element = `element inet shmastra_ab12 ${map} { 10.9.0.5`;
    expect(lines.slice(0, 4)).toEqual([
      `add chain inet shmastra_ab12 ${chain}`,
      `add ${element} : jump ${chain} }`,
      `delete ${element} }`,
      `flush chain inet shmastra_ab12 ${chain}`,
    ]);
    expect(lines.at(-1)).toBe(`add ${element} : jump ${chain} }`);
  }
});

it('lets what is allowed go before, and names be looked up', () => {
  const policy = rules({ allow: ['8.8.8.8/32'], deny: ['0.0.0.0/0'], domains: ['a.com'] })
    .filter((line) => line.startsWith('add rule inet shmastra_ab12 policy_5'))
    .map((line) => line.replace('add rule inet shmastra_ab12 policy_5 ', ''));
  expect(policy).toEqual([
    'ip daddr { 8.8.8.8/32 } return',
    'ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 return',
    'ip daddr { 0.0.0.0/0 } reject with icmpx admin-prohibited',
  ]);
});

it('leaves nothing of a sandbox without rules', () => {
  const all = rules(null);
  expect(all).toContain('delete chain inet shmastra_ab12 policy_5');
  expect(all).toContain('delete chain inet shmastra_ab12 domains_5');
  expect(all.join('\n')).not.toContain('add rule');
});
