import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCgroups } from '../runtime/cgroup.ts';
import { command } from '../runtime/command.ts';
import { TestEngine } from '../testing/engine.ts';
import { createOutside, listenEverywhere, type Outside } from '../testing/host-network.ts';
import { CONNECTIONS_PER_SANDBOX } from './ruleset.ts';

/** One address of each range that nobody should reach from a sandbox. */
const DENIED = [
  '169.254.169.254',
  '172.31.7.7',
  '192.168.211.5',
  '100.64.3.3',
  '198.51.100.77',
  '198.18.5.5',
  '10.253.1.1',
];
const PUBLIC = '44.55.66.77';
const ALLOWED = '172.31.8.8';

describe('what a sandbox reaches over the network', () => {
  let engine: TestEngine;
  let outside: Outside;
  let sandbox: Sandbox;
  let other: Sandbox;
  let allowed: Awaited<ReturnType<typeof listenEverywhere>>;
  let forbidden: Awaited<ReturnType<typeof listenEverywhere>>;
  let gateway: string;

  beforeAll(async () => {
    [allowed, forbidden] = await Promise.all([listenEverywhere(), listenEverywhere()]);
    outside = await createOutside('shmtest');
    for (const address of [...DENIED, PUBLIC, ALLOWED]) await outside.add(address);
    engine = await TestEngine.start({ env: { ENGINE_EGRESS_ALLOW: `${ALLOWED}/32,localhost` } });
    gateway = engine.subnet.replace('0/24', '1');
    await engine.end('SIGTERM');
    await engine.launch({ ENGINE_HOST_ALLOW: `${gateway}:${allowed.port}` });
    [sandbox, other] = await Promise.all([
      Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 }),
      Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 }),
    ]);
  });
  afterAll(async () => {
    await engine?.dispose();
    await outside?.remove();
    allowed?.server.close();
    forbidden?.server.close();
  });

  /** What a connection from inside reads, or `unreachable`. */
  async function read(from: Sandbox, address: string, port: number): Promise<string> {
    const script = `timeout 0.7 bash -c 'exec 3<>/dev/tcp/${address}/${port} && cat <&3' 2>/dev/null || echo unreachable`;
    return (await from.commands.run(script)).stdout.trim();
  }

  it('does not fill the table of connections of the host', async () => {
    const from = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
    const address = (await from.commands.run('hostname -i')).stdout.trim();
    const flood = `use Socket; socket(S, AF_INET, SOCK_DGRAM, 0);
      send(S, "x", 0, sockaddr_in(1024 + $_, inet_aton("${PUBLIC}"))) for 1..20000;`;
    await from.commands.run(`perl -e '${flood}'`);
    const table = await readFile('/proc/net/nf_conntrack', 'utf8');
    const flows = table.split('\n').filter((line) => line.includes(`src=${address} `)).length;
    expect(flows).toBeGreaterThan(1000);
    // The engine's own connections to it are in the table as well.
    expect(flows).toBeLessThan(CONNECTIONS_PER_SANDBOX + 50);
    await from.kill();
  });

  it('reaches the outside and what is allowed by name', async () => {
    expect(await read(sandbox, PUBLIC, 80)).toBe('outside');
    expect(await read(sandbox, ALLOWED, 80)).toBe('outside');
    expect(await read(sandbox, gateway, allowed.port)).toBe('host');
  });

  it.each(DENIED)('does not reach %s', async (address) => {
    // The host itself does: it is the rule that keeps the sandbox out.
    expect(await command('bash', ['-c', `exec 3<>/dev/tcp/${address}/80 && cat <&3`])).toBe('outside\n');
    expect(await read(sandbox, address, 80)).toBe('unreachable');
  });

  it('does not reach services of the host, by none of its addresses', async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((entry) => entry.family === 'IPv4')
      .map((entry) => entry.address);
    const reached: string[] = [];
    for (const address of new Set([...own, gateway])) {
      for (const port of [forbidden.port, engine.port]) {
        if ((await read(sandbox, address, port)) !== 'unreachable') reached.push(`${address}:${port}`);
      }
    }
    expect(reached).toEqual([]);
    // The port that is open to it is so at the gateway's address alone.
    const others = own.filter((address) => address !== gateway);
    expect(others.length).toBeGreaterThan(0);
    for (const address of others) expect(await read(sandbox, address, allowed.port)).toBe('unreachable');
  });

  it('does not reach another sandbox', async () => {
    const address = (await other.commands.run(`awk '/${other.sandboxId}/ { print $1 }' /etc/hosts`)).stdout.trim();
    await other.commands.run(`/.engine/node -e "require('net').createServer(s => s.end('other')).listen(8000)"`, {
      background: true,
    });
    await expect.poll(() => read(other, address, 8000)).toBe('other');
    expect(await read(sandbox, address, 8000)).toBe('unreachable');
    expect(await read(sandbox, address, 49_983)).toBe('unreachable');
  });

  it('has no IPv6', async () => {
    const output = await sandbox.commands.run('cat /proc/net/if_inet6; cat /proc/sys/net/ipv6/conf/all/disable_ipv6');
    expect(output.stdout).toBe('1\n');
  });

  it('cannot use an address that is not its own, nor IPv6, even if its kernel let it', async () => {
    const [pid] = createCgroups().processes(`/shmastra-${engine.instance}/${sandbox.sandboxId}`);
    const inside = (script: string) =>
      command('nsenter', [`--net=/proc/${pid}/ns/net`, 'bash', '-c', script]).catch(() => 'failed');
    const spoofed = engine.subnet.replace('0/24', '200');
    expect(await inside(`ip addr add ${spoofed}/32 dev eth0 && echo added`)).toBe('added\n');
    const curl = (source: string) => inside(`curl -s --max-time 2 --http0.9 --interface ${source} http://${PUBLIC}/`);
    const own = (await inside("ip -4 -o addr show dev eth0 | awk 'NR == 1 { print $4 }'")).trim().replace('/32', '');
    expect(await curl(own)).toBe('outside\n');
    expect(await curl(spoofed)).toBe('failed');
    await inside('sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; ip -6 addr add fd99::2/64 dev eth0 nodad');
    expect(await inside('ping -6 -c 1 -W 1 ff02::1%eth0')).toBe('failed');
  });

  it('reaches nothing but its proxy when it was created without internet access', async () => {
    const closed = await Sandbox.create('base', { ...engine.connection, allowInternetAccess: false });
    expect(await read(closed, PUBLIC, 80)).toBe('unreachable');
    expect(await read(closed, ALLOWED, 80)).toBe('unreachable');
    expect(await read(closed, gateway, allowed.port)).toBe('host');
    expect((await closed.getInfo()).allowInternetAccess).toBe(false);
    await closed.kill();
    const open = await Sandbox.create('base', engine.connection);
    expect(await read(open, PUBLIC, 80)).toBe('outside');
    await open.kill();
  });
});
