// Ports, other firewalls, name servers.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { run } from '../bootstrap/run.mjs';
import { fail, ok, warn } from './finding.mjs';

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} host @param {number} port @returns {Promise<string | null>} */
function whyTaken(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function ports({ env, dataDir }) {
  const port = Number(env['PORT'] ?? 3000);
  const host = env['HOST'] ?? '127.0.0.1';
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return [];
  const code = await whyTaken(host, port);
  if (code === null) return [ok(`Port ${port} on ${host} is free`)];
  if (code === 'EADDRNOTAVAIL') {
    return [
      fail(
        `HOST ${host} is not an address of this machine`,
        'nothing can listen there',
        'set HOST to one of: ip -br address',
      ),
    ];
  }
  const { stdout } = await run('ss', ['-H', '-l', '-t', '-n', '-p', `sport = :${port}`]);
  const pid = /pid=(\d+)/.exec(stdout)?.[1];
  const running = /"pid":(\d+)/.exec(read(path.join(dataDir, 'running.json')))?.[1];
  const front = /"pid":\s*(\d+)/.exec(read(path.join(dataDir, 'processes', 'front.json')))?.[1];
  if (running && pid && pid === front) return [ok(`Port ${port} is used by this Shmastra Cloud, which runs`)];
  const who = /\(\("([^"]+)",pid=(\d+)/.exec(stdout);
  return [
    fail(
      `Port ${port} on ${host} is taken`,
      who ? `${who[1]} (process ${who[2]}) listens there` : `the system says ${code}`,
      `stop that program, or set PORT to another one: PORT=${port + 1} npm start`,
    ),
  ];
}

/**
 * Base chains of other tables that drop what they do not know, out of `nft list ruleset`.
 * @param {string} ruleset
 */
export function droppingForwardChains(ruleset) {
  const found = [];
  let table = '';
  for (const line of ruleset.split('\n')) {
    const name = /^table (\S+ \S+)/.exec(line)?.[1];
    if (name) table = name;
    if (/hook forward .*policy drop/.test(line) && !/ shmastra_/.test(table)) found.push(table);
  }
  return found;
}

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function forwarding({ isRoot }) {
  if (!isRoot) return [];
  const findings = [];
  const dropping = droppingForwardChains((await run('nft', ['list', 'ruleset'])).stdout);
  const legacy = (await run('iptables-legacy', ['-S', 'FORWARD'])).stdout;
  if (legacy.startsWith('-P FORWARD DROP')) dropping.push('iptables-legacy FORWARD');
  if (dropping.length) {
    findings.push(
      warn(
        `Another firewall drops forwarded packets (${dropping.join(', ')})`,
        'sandboxes have no way to the internet then; Docker and ufw do this',
        'with Docker: iptables -I DOCKER-USER -i s+ -j ACCEPT && iptables -I DOCKER-USER -o s+ -j ACCEPT; with ufw: set DEFAULT_FORWARD_POLICY="ACCEPT" in /etc/default/ufw and run ufw reload',
      ),
    );
  }
  return findings.length ? findings : [ok('No other firewall stands in the way of sandboxes')];
}

/** @returns {Promise<Finding[]>} */
export async function nameServers() {
  const files = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
  const servers = files.flatMap((file) =>
    [...read(file).matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => String(match[1])),
  );
  if (servers.some((server) => !server.startsWith('127.') && server !== '::1'))
    return [ok('There is a name server that sandboxes can ask')];
  return [
    warn(
      servers.length
        ? `The name servers (${[...new Set(servers)].join(', ')}) are on loopback`
        : 'No name server is configured',
      "a sandbox cannot reach this machine's loopback: names would not resolve in it",
      'put a name server of your network into /etc/resolv.conf, for example: nameserver 9.9.9.9',
    ),
  ];
}
