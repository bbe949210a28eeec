// What the engine needs of the kernel.
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { run } from '../bootstrap/run.mjs';
import { fail, ok, warn } from './finding.mjs';

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

const CGROUP2 = 0x63677270;
/** Bits of the capabilities that making mounts, network links and other users' processes takes. */
const CAPABILITIES = { CHOWN: 0, DAC_OVERRIDE: 1, KILL: 5, SETGID: 6, SETUID: 7, NET_ADMIN: 12, SYS_ADMIN: 21 };
/** All sandboxes share one allowance of inotify, root's. The engine raises it to what its sandboxes may take. */
const INOTIFY = { max_user_instances: 1024, max_user_watches: 524_288 };

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Not so in containers, which have it mounted read-only. @param {string} file */
function isWritable(file) {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names of the capabilities that this mask (hex, as in /proc/self/status) lacks. @param {string} mask */
export function missingCapabilities(mask) {
  const bits = BigInt(`0x${mask || '0'}`);
  return Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((bits >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => `CAP_${name}`);
}

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function features({ isRoot }) {
  const findings = [];
  const own = 'on a machine of your own these are there; in a container, start it with --privileged';
  if (isRoot) {
    const missing = missingCapabilities(/^CapEff:\s*(\w+)/m.exec(read('/proc/self/status'))?.[1] ?? '');
    if (missing.length)
      findings.push(fail(`Root lacks ${missing.join(', ')}`, 'the engine cannot make sandboxes without', own));
  }
  if (!existsSync('/proc/self/ns/user') || read('/proc/sys/user/max_user_namespaces') === '0') {
    findings.push(
      fail(
        'User namespaces are off',
        'root in a sandbox must not be root here',
        'sysctl user.max_user_namespaces=15000',
      ),
    );
  }
  if (!/\boverlay$/m.test(read('/proc/filesystems')) && (await run('modprobe', ['overlay'])).code !== 0) {
    findings.push(
      fail('The kernel has no overlay file system', 'a sandbox is a thin layer over its template', 'modprobe overlay'),
    );
  }
  if (!existsSync('/dev/loop-control') && (await run('modprobe', ['loop'])).code !== 0) {
    findings.push(
      fail('There are no loop devices', "a sandbox's disk is an image with a fixed size", `modprobe loop (${own})`),
    );
  }
  if (!read('/proc/sys/kernel/seccomp/actions_avail').includes('errno')) {
    findings.push(
      fail(
        'The kernel has no seccomp filters',
        'system calls of sandboxes are filtered',
        'use a kernel with CONFIG_SECCOMP_FILTER',
      ),
    );
  }
  const nft = isRoot ? await run('nft', ['list', 'tables']) : { code: 127, output: '' };
  if (nft.code !== 0 && nft.code !== 127) {
    findings.push(
      fail(
        'nftables does not work',
        `nft says: ${nft.output.trim()}`,
        'modprobe nf_tables, or use a kernel that has it',
      ),
    );
  }
  return findings.length ? findings : [ok('The kernel has namespaces, overlay, loop devices, seccomp and nftables')];
}

/** @returns {Promise<Finding[]>} */
export async function cgroups() {
  const why = 'limits on memory, processor and processes of a sandbox are cgroups';
  if (!existsSync('/sys/fs/cgroup'))
    return [fail('No cgroups are mounted', why, 'mount -t cgroup2 none /sys/fs/cgroup')];
  if (statfsSync('/sys/fs/cgroup').type === CGROUP2) {
    const controllers = read('/sys/fs/cgroup/cgroup.controllers').split(' ');
    const missing = ['memory', 'cpu', 'pids'].filter((name) => !controllers.includes(name));
    if (!missing.length) return [ok('cgroups version 2 with memory, cpu and pids')];
    return [
      fail(
        `The cgroup controllers ${missing.join(', ')} are off`,
        why,
        'boot with cgroup_enable=memory, without cgroup_disable',
      ),
    ];
  }
  const missing = ['memory', 'cpu', 'pids', 'freezer'].filter((name) => !existsSync(`/sys/fs/cgroup/${name}`));
  if (!missing.length) return [ok('cgroups version 1 with memory, cpu, pids and freezer')];
  return [
    fail(
      `The cgroup controllers ${missing.join(', ')} are not mounted`,
      why,
      'boot with systemd.unified_cgroup_hierarchy=1',
    ),
  ];
}

/** @param {Pick<Machine, 'isRoot'>} machine @param {string} folder @returns {Promise<Finding[]>} */
export async function inotify({ isRoot }, folder = '/proc/sys/fs/inotify') {
  const low = Object.entries(INOTIFY).filter(([name, want]) => Number(read(`${folder}/${name}`) || want) < want);
  const canRaise = !isRoot || low.every(([name]) => isWritable(`${folder}/${name}`));
  if (low.length && canRaise) return [ok('The inotify limits are low, npm start raises them')];
  if (!low.length) return [ok('The inotify limits are high enough')];
  const values = low.map(([name, want]) => `fs.inotify.${name}=${want}`);
  const now = low.map(([name]) => `${name} is ${read(`${folder}/${name}`)}`).join(', ');
  return [
    warn(
      `The inotify limits are low and cannot be raised from here: ${now}`,
      'each sandbox watches its project for edits, and all share one allowance: later ones would not see them',
      `on the host of this container: sysctl ${values.join(' ')} (and the same lines in /etc/sysctl.d/60-shmastra.conf to keep them)`,
    ),
  ];
}
