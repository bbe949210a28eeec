import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../runtime/command.ts';
import { clientHello } from '../testing/client-hello.ts';
import { TestEngine } from '../testing/engine.ts';
import { createOutside, type Outside } from '../testing/host-network.ts';

const [ONE, TWO, NAMED, PRIVATE, ALLOWED] = ['45.1.1.1', '45.1.1.2', '46.2.2.2', '172.31.9.9', '172.31.9.8'];
const NAMES = { 'site.example': NAMED, 'www.site.example': NAMED, 'inside.example': PRIVATE };
const ALL = '0.0.0.0/0';

/** Looked up by the engine instead of in DNS. */
const PRELOAD = `
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
dns.resolve4 = async (name) => {
  const address = ${JSON.stringify(NAMES)}[name];
  if (address === undefined) throw new Error('ENOTFOUND');
  return [address];
};
syncBuiltinESMExports();
`;

describe('the network policy of a sandbox', () => {
  let engine: TestEngine;
  let outside: Outside;
  let directory: string;
  const created: Sandbox[] = [];

  beforeAll(async () => {
    outside = await createOutside('shmpol');
    for (const address of [ONE, TWO, NAMED, PRIVATE, ALLOWED]) await outside.add(address);
    directory = await mkdtemp(path.join(tmpdir(), 'shmastra-names-'));
    await writeFile(path.join(directory, 'names.mjs'), PRELOAD);
    engine = await TestEngine.start({
      env: { NODE_OPTIONS: `--import ${path.join(directory, 'names.mjs')}`, ENGINE_EGRESS_ALLOW: ALLOWED },
    });
  });
  afterEach(async () => {
    for (const sandbox of created.splice(0)) await sandbox.kill();
  });
  afterAll(async () => {
    await engine?.dispose();
    await outside?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  async function create(options: Partial<Parameters<typeof Sandbox.create>[1]> = {}): Promise<Sandbox> {
    const sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000, ...options });
    created.push(sandbox);
    return sandbox;
  }

  /** What a server there answers to `head`, or an empty text. */
  async function ask(sandbox: Sandbox, address: string, port: number, head: Buffer | string = ''): Promise<string> {
    const bytes = Buffer.from(head).toString('base64');
    const script = `exec 3<>/dev/tcp/${address}/${port} && echo ${bytes} | base64 -d >&3 && cat <&3`;
    const { stdout } = await sandbox.commands.run(`timeout 2 bash -c '${script}' 2>/dev/null || true`);
    return stdout.trim();
  }
  const reached = async (sandbox: Sandbox, addresses: string[]) => {
    const answers = await Promise.all(addresses.map((address) => ask(sandbox, address, 80)));
    return addresses.filter((_, index) => answers[index] === 'outside');
  };
  const get = (name: string) => `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`;

  it('denies what is listed, and lets what is allowed go before', async () => {
    const [denied, closed, mixed] = await Promise.all([
      create({ network: { denyOut: [ONE] } }),
      create({ network: { denyOut: [ALL], allowOut: [TWO] } }),
      create({ network: { denyOut: ['45.1.0.0/16', ALLOWED], allowOut: [ONE, ONE] } }),
    ]);
    expect(await reached(denied, [ONE, TWO])).toEqual([TWO]);
    expect(await reached(closed, [ONE, TWO, ALLOWED])).toEqual([TWO]);
    expect(await reached(mixed, [ONE, TWO, NAMED, ALLOWED])).toEqual([ONE, NAMED]);
    expect((await closed.getInfo()).network).toMatchObject({ denyOut: [ALL], allowOut: [TWO] });
  });

  it('opens nothing that the engine denies', async () => {
    const sandbox = await create({ network: { denyOut: [ALL], allowOut: [ALL, PRIVATE] } });
    expect(await reached(sandbox, [ONE, PRIVATE, ALLOWED])).toEqual([ONE, ALLOWED]);
  });

  it('lets what is allowed pass without internet access', async () => {
    const sandbox = await create({ allowInternetAccess: false, network: { allowOut: [ONE] } });
    expect(await reached(sandbox, [ONE, TWO, ALLOWED])).toEqual([ONE]);
  });

  it('decides by the name that is asked for, whatever address the sandbox takes it for', async () => {
    const sandbox = await create({
      network: { denyOut: [ALL], allowOut: ['Site.example', '*.site.example', 'inside.example', TWO] },
    });
    for (const address of [NAMED, ONE, '9.9.9.9']) {
      expect(await ask(sandbox, address, 80, get('site.example'))).toBe('outside');
      expect(await ask(sandbox, address, 443, await clientHello('www.site.example'))).toBe('outside');
      expect(await ask(sandbox, address, 80, get('other.example'))).toBe('');
      expect(await ask(sandbox, address, 443, await clientHello('other.example'))).toBe('');
      expect(await ask(sandbox, address, 443, await clientHello(''))).toBe('');
      expect(await ask(sandbox, address, 8080, get('site.example'))).toBe('');
    }
    // A name for an address that the engine denies opens nothing.
    expect(await ask(sandbox, NAMED, 80, get('inside.example'))).toBe('');
    expect(await reached(sandbox, [ONE, TWO])).toEqual([TWO]);
    const exact = await create({ network: { denyOut: [ALL], allowOut: ['site.example'] } });
    expect(await ask(exact, NAMED, 80, get('www.site.example'))).toBe('');
  });

  it('replaces the whole policy while it runs', async () => {
    const sandbox = await create();
    expect(await reached(sandbox, [ONE, TWO])).toEqual([ONE, TWO]);
    await sandbox.updateNetwork({ denyOut: [ONE] });
    expect(await reached(sandbox, [ONE, TWO])).toEqual([TWO]);
    await sandbox.updateNetwork({ denyOut: [ALL], allowOut: ['site.example'] });
    expect(await ask(sandbox, NAMED, 80, get('site.example'))).toBe('outside');
    await sandbox.updateNetwork({ denyOut: [ALL] });
    expect(await ask(sandbox, NAMED, 80, get('site.example'))).toBe('');
    await sandbox.updateNetwork({ allowInternetAccess: false });
    expect(await reached(sandbox, [ONE, TWO])).toEqual([]);
    expect((await sandbox.getInfo()).allowInternetAccess).toBe(false);
    await sandbox.updateNetwork({});
    expect(await reached(sandbox, [ONE, TWO])).toEqual([ONE, TWO]);
    expect((await sandbox.getInfo()).network?.denyOut).toBeUndefined();
  });

  it('keeps it over pause, changes while paused, a start from disk, and the death of the engine', async () => {
    const sandbox = await create({ network: { denyOut: [ALL], allowOut: [ONE] }, lifecycle: { onTimeout: 'pause' } });
    const [closed, byName] = await Promise.all([
      create({ network: { denyOut: [ONE] } }),
      create({ network: { denyOut: [ALL], allowOut: ['site.example'] } }),
    ]);
    await sandbox.pause();
    await sandbox.connect();
    expect(await reached(sandbox, [ONE, TWO])).toEqual([ONE]);
    await sandbox.pause();
    await sandbox.updateNetwork({ denyOut: [ONE] });
    await sandbox.connect();
    expect(await reached(sandbox, [ONE, TWO])).toEqual([TWO]);
    await engine.end('SIGKILL');
    await engine.launch();
    expect(await reached(sandbox, [ONE, TWO])).toEqual([TWO]);
    expect(await reached(closed, [ONE, TWO])).toEqual([TWO]);
    expect(await ask(byName, NAMED, 80, get('site.example'))).toBe('outside');
    expect(await reached(byName, [ONE, TWO])).toEqual([]);
    await engine.end('SIGTERM');
    await engine.launch();
    await sandbox.connect();
    expect(await reached(sandbox, [ONE, TWO])).toEqual([TWO]);
  });

  it('leaves no rule behind', async () => {
    const sandbox = await create({ network: { denyOut: [ALL], allowOut: ['site.example'] } });
    const rules = () => command('nft', ['list', 'table', 'inet', `shmastra_${engine.instance}`]);
    expect(await rules()).toMatch(/chain policy_\d+[\s\S]*chain domains_\d+/);
    await Sandbox.kill(sandbox.sandboxId, engine.connection);
    // What is left of it goes away in the background.
    await expect.poll(rules, { timeout: 10_000 }).not.toMatch(/chain (policy|domains)_|jump/);
  });

  it.each([
    [{ denyOut: ['example.com'] }, 'invalid denied CIDR example.com'],
    [{ denyOut: ['0.0.0.0'] }, 'invalid denied CIDR 0.0.0.0'],
    [{ denyOut: [ALL], allowOut: ['0.0.0.0/8'] }, 'invalid allowed address 0.0.0.0/8'],
    [{ denyOut: ['10.0.0.0/8'], allowOut: ['*.example.com', '8.8.8.8'] }, "you must include 'ALL_TRAFFIC' in deny out"],
    [{ rules: { 'a.com': [{ transform: { headers: { a: 'b' } } }] } }, 'rules: transform rules are not available'],
    [{ egressProxy: { address: 'proxy.example:1080' } }, 'egressProxy: an egress proxy is not available'],
  ])('refuses %j', async (network, message) => {
    await expect(create({ network })).rejects.toThrow(message);
    const sandbox = await create();
    await expect(sandbox.updateNetwork(network)).rejects.toThrow(message);
    await expect(Sandbox.updateNetwork('inone', {}, engine.connection)).rejects.toThrow(/not found/);
  });
});
