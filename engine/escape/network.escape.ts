import { readFile } from 'node:fs/promises';
import type { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableName } from '../network/ruleset.ts';
import { command } from '../runtime/command.ts';
import { createOutside, listenEverywhere, type Outside } from '../testing/host-network.ts';
import { EscapeEngine } from './escape-engine.ts';
import { perl } from './raw-call.ts';
import { Table } from './table.ts';

const METADATA = '169.254.133.7';
const PRIVATE = '192.168.231.9';
const PUBLIC = '44.55.66.88';

describe('the network', () => {
  const table = new Table('network');
  let engine: EscapeEngine;
  let outside: Outside;
  let sandbox: Sandbox;
  let other: Sandbox;
  let service: Awaited<ReturnType<typeof listenEverywhere>>;
  let gateway: string;
  let otherAddress: string;

  beforeAll(async () => {
    service = await listenEverywhere();
    outside = await createOutside('shmesc', '10.254.253');
    for (const address of [METADATA, PRIVATE, PUBLIC]) await outside.add(address);
    engine = await EscapeEngine.start();
    gateway = engine.engine.subnet.replace('0/24', '1');
    [sandbox, other] = await Promise.all([engine.create(), engine.create()]);
    otherAddress = (await engine.run(other, 'hostname -i')).said;
    await other.commands.run(`/.engine/node -e "require('net').createServer(s => s.end('other')).listen(8000)"`, {
      background: true,
    });
  });
  afterAll(async () => {
    table.finish();
    await engine?.dispose();
    await outside?.remove();
    service?.server.close();
  });

  const reach = (address: string, port: number) =>
    `timeout 1.5 bash -c 'exec 3<>/dev/tcp/${address}/${port} && head -c 1 <&3 | grep -q .'`;

  /** The rules of this test's engine without the lines that match, while `task` runs. */
  async function withoutRules<T>(pattern: RegExp, task: () => Promise<T>): Promise<T> {
    const name = tableName(engine.engine.instance);
    const load = (text: string) => command('nft', ['-f', '-'], { input: `delete table inet ${name}\n${text}` });
    const rules = await command('nft', ['list', 'table', 'inet', name]);
    const kept = rules.split('\n').filter((line) => !pattern.test(line));
    expect(kept.length, 'the rule is there').toBeLessThan(rules.split('\n').length);
    await load(kept.join('\n'));
    try {
      return await task();
    } finally {
      await load(rules);
    }
  }

  it.each([
    ['reach a service of the host', () => reach(gateway, service.port), 'input chain drops', /^\t\tdrop$/],
    [
      'reach another sandbox',
      () => reach(otherAddress, 8000),
      'forward chain drops, denied networks',
      /oifname "s.*(drop|accept)$|@denied/,
    ],
    ['reach a metadata service', () => reach(METADATA, 80), 'denied networks', /@denied/],
    ['reach a private network', () => reach(PRIVATE, 80), 'denied networks', /@denied/],
  ])('%s', async (attempt, script, rule, pattern) => {
    const defended = await engine.run(sandbox, script());
    const undefended = await withoutRules(pattern, () => engine.run(sandbox, script()));
    table.add({
      attempt,
      stoppedBy: `packet filter: ${rule}`,
      outcome: defended.succeeded ? 'SUCCEEDED' : 'fails: no connection',
      without: undefended.succeeded ? 'succeeds' : 'fails',
    });
    expect([defended.succeeded, undefended.succeeded]).toEqual([false, true]);
  });

  it('claims the address of another sandbox', async () => {
    const spoofer = await engine.create({ capabilities: ['CAP_NET_ADMIN', 'CAP_NET_RAW'] });
    const spoofed = engine.engine.subnet.replace('0/24', '200');
    await engine.run(spoofer, `ip addr add ${spoofed}/32 dev eth0`, 'root');
    // A datagram that arrives is seen in the host's table of connections.
    const port = 40_000 + (process.pid % 20_000);
    const send = perl(
      `socket(S, AF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(${port}, inet_aton("${spoofed}"))) or die; send(S, "x", 0, sockaddr_in(9, inet_aton("${PUBLIC}")))`,
    );
    const passed = async () => {
      await engine.run(spoofer, send, 'root');
      return (await readFile('/proc/net/nf_conntrack', 'utf8')).includes(`src=${spoofed} dst=${PUBLIC}`);
    };
    const defended = await passed();
    const undefended = await withoutRules(/fib saddr/, passed);
    table.add({
      attempt: 'send from an address that is not its own (in a sandbox with CAP_NET_ADMIN)',
      stoppedBy: 'packet filter: the address must be routed back through the link',
      outcome: defended ? 'SUCCEEDED' : 'fails: dropped',
      without: undefended ? 'succeeds' : 'fails',
    });
    expect([defended, undefended]).toEqual([false, true]);
  });

  it('floods the host with connections', async () => {
    const flood = perl(
      `socket(S, AF_INET, SOCK_DGRAM, 0); send(S, "x", 0, sockaddr_in(1024 + $_, inet_aton("${PUBLIC}"))) for 1..9000`,
    );
    const flows = async () => {
      const from = await engine.create();
      const address = (await engine.run(from, 'hostname -i')).said;
      await engine.run(from, flood);
      const lines = (await readFile('/proc/net/nf_conntrack', 'utf8')).split('\n');
      await from.kill();
      return lines.filter((line) => line.includes(`src=${address} `)).length;
    };
    const defended = await flows();
    const undefended = await withoutRules(/@connections/, flows);
    table.add({
      attempt: 'fill the table of connections of the host',
      stoppedBy: 'packet filter: 4096 connections for each sandbox',
      outcome: `fails: ${defended} entries`,
      without: `succeeds: ${undefended} entries`,
    });
    expect(defended).toBeLessThan(4200);
    expect(undefended).toBeGreaterThan(8000);
  });

  it('floods its own table of connections, which is nobody’s memory', async () => {
    const flood = perl(
      'socket(S, AF_INET, SOCK_DGRAM, 0); send(S, "x", 0, sockaddr_in(1024 + $_, inet_aton("127.0.0.1"))) for 1..9000',
    );
    const count = async () => {
      await engine.run(sandbox, flood);
      return Number(await engine.inNetworkOf(sandbox, 'cat /proc/sys/net/netfilter/nf_conntrack_count'));
    };
    const defended = await count();
    await engine.inNetworkOf(
      sandbox,
      ['raw_in', 'raw_out', 'output'].map((chain) => `nft flush chain ip engine ${chain}`).join(' && '),
    );
    const undefended = await count();
    table.add({
      attempt: 'fill kernel memory with connections over loopback',
      stoppedBy: 'inner table: only connections with the gateway are tracked',
      outcome: `fails: ${defended} entries`,
      without: `succeeds: ${undefended} entries`,
    });
    expect(defended).toBeLessThan(1200);
    expect(undefended).toBeGreaterThan(8000);
  });

  it('tries the engine, loopback of the host, abstract sockets and IPv6', async () => {
    const { port } = engine.engine;
    const listener = `perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0shmesc")) and listen(S, 9) and print("up\\n") and sleep 20'`;
    const connect = `perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("\\0shmesc")) or die "$!\\n"'`;
    const toEth0 = perl(
      `socket(S, AF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, 25, "eth0\\0") or die "$!\\n"; alarm 2; connect(S, sockaddr_in(${port}, inet_aton("127.0.0.1"))) or die "$!\\n"`,
    );
    const hostSocket = command('bash', ['-c', listener], { timeoutMs: 20_000 }).catch(() => '');
    await expect
      .poll(() =>
        command('bash', ['-c', connect]).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const attempts: [string, string, string, string][] = [
      ['call the engine’s API from inside', 'it listens on loopback; packet filter', reach(gateway, port), 'two locks'],
      [
        'send to 127.0.0.1 of the host through the interface',
        'the kernel drops packets for 127/8 from outside; packet filter',
        toEth0,
        'two locks',
      ],
      ['reach an abstract socket of the host', 'network namespace', connect, 'in the host’s namespace it connects'],
      [
        'reach link-local addresses of IPv6',
        'IPv6 is off in the sandbox; packet filter drops it',
        `perl -MSocket=:all -e 'socket(S, AF_INET6, SOCK_DGRAM, 0); send(S, "x", 0, pack_sockaddr_in6(9, inet_pton(AF_INET6, "ff02::1"), 2)) or die "$!\\n"'`,
        'see "switch IPv6 on again"; network/isolation.integration.test.ts shows the second lock',
      ],
    ];
    for (const [attempt, stoppedBy, script, without] of attempts) {
      const { succeeded, said } = await engine.run(sandbox, script);
      table.add({
        attempt,
        stoppedBy,
        outcome: succeeded ? 'SUCCEEDED' : `fails: ${said || 'no connection'}`,
        without,
      });
      expect(succeeded, attempt).toBe(false);
    }
    void hostSocket;
  });

  it('rebinds a name to the engine, or asks the proxy for what is not a sandbox’s', async () => {
    const ask = async (headers: Record<string, string>, path = '/sandboxes') => {
      const lines = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`);
      const text = await command('bash', [
        '-c',
        `curl -s -o /dev/null -w '%{http_code}' ${lines.join(' ')} http://127.0.0.1:${engine.engine.port}${path}`,
      ]);
      return Number(text);
    };
    // What a page in a browser can send: any name, no key.
    expect(await ask({ Host: 'evil.example' })).toBe(401);
    expect(await ask({ Host: `8000-${other.sandboxId}.sandbox.localhost.evil.example` })).toBe(401);
    for (const host of ['8000-127.0.0.1', `8000-${gateway}`, '8000-localhost', '8000-../x', '99999-x', '-1-x']) {
      expect(await ask({ Host: `${host}.sandbox.localhost` }), host).toBeGreaterThanOrEqual(400);
    }
    expect(await ask({ 'E2b-Sandbox-Id': '127.0.0.1', 'E2b-Sandbox-Port': String(service.port) })).toBe(502);
    expect(await ask({ 'E2b-Sandbox-Id': '../../etc', 'E2b-Sandbox-Port': '80' })).toBe(502);
    table.add({
      attempt: 'DNS rebinding and odd hosts at the proxy',
      stoppedBy: 'it resolves no names: ids are looked up, addresses are the engine’s own; the API wants its key',
      outcome: 'fails: 401 or 502',
      without: 'not shown: there is no name that could be resolved',
    });
  });
});
