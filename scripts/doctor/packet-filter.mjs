// What the engine's packet filter needs beyond nftables itself.
import { run } from '../bootstrap/run.mjs';
import { fail, ok } from './finding.mjs';

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

/** The statement with which the engine bounds the connections of a sandbox, in a table of its own. */
const COUNTING = `table inet shmastra_doctor {
  set connections { type ipv4_addr; size 16; flags dynamic; }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state new add @connections { ip saddr ct count over 16 } drop
  }
}
`;

/**
 * A dry run: the kernel looks at the table and keeps nothing of it.
 * @param {Pick<Machine, 'isRoot'>} machine
 * @param {(args: string[], input?: string) => Promise<{ code: number, output: string }>} nft
 * @returns {Promise<Finding[]>}
 */
export async function connectionCounts({ isRoot }, nft = (args, input) => run('nft', args, { input })) {
  // Without nft or nftables at all, other checks say so.
  if (!isRoot || (await nft(['list', 'tables'])).code !== 0) return [];
  const { code, output } = await nft(['-c', '-f', '-'], COUNTING);
  if (code === 0) return [ok('The packet filter can count connections')];
  return [
    fail(
      'The packet filter cannot count connections (ct count)',
      `one sandbox could fill the table of connections of the whole machine, so the engine does not start without; nft says: ${output.trim().split('\n')[0]}`,
      'modprobe nft_connlimit, or use a kernel with CONFIG_NFT_CONNLIMIT',
    ),
  ];
}
