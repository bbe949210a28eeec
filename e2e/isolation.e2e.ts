import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeRemoteHost, type RemoteHost } from './support/remote-host.ts';
import { openScene, type Scene } from './support/scene.ts';

/** Prints the HTTP status, or 000 when no connection came about, within two seconds. */
const reach = (address: string) =>
  `curl -s -o /dev/null -m 2 -w '%{http_code}' http://${address}/ 2>/dev/null || true; echo " exit"`;

describe('a sandbox', () => {
  let scene: Scene;
  let neighbour: Scene;
  let sandbox: Sandbox;
  let onHost: Server;
  beforeAll(async () => {
    [scene, neighbour] = [await openScene('private'), await openScene('neighbour')];
    sandbox = await scene.inside.connect(scene.sandboxId);
    onHost = createServer((_request, response) => response.end('host')).listen(0, '0.0.0.0');
    await once(onHost, 'listening');
  });
  afterAll(() => {
    onHost?.close();
  });

  const root = async (command: string) =>
    (await sandbox.commands.run(command, { user: 'root', timeoutMs: 60_000 })).stdout;
  const reached = async (address: string) => !(await root(reach(address))).startsWith('000');

  it('holds no real provider key in any environment, process or file', async () => {
    const { canary } = inject('product');
    // The pattern comes by a pipe and is encoded on the way: the search must not find itself.
    const search = [
      `needle=$(printf %s '${Buffer.from(canary).toString('base64')}' | base64 -d)`,
      `{ grep -sFl -f /dev/fd/3 /proc/[0-9]*/environ /proc/[0-9]*/cmdline 3<<< "$needle" || true; }`,
      `{ grep -rsFl -f /dev/fd/3 --exclude-dir=node_modules /etc /home /opt /root /run /tmp /var /usr/local 3<<< "$needle" || true; }`,
    ].join('; ');
    // Not even root may read the environment of another one's process.
    const everywhere = async () => {
      const asUser = await sandbox.commands.run(search, { timeoutMs: 60_000 });
      return `${await root(search)}${asUser.stdout}`;
    };
    expect(await everywhere()).toBe('');
    // It finds what is there.
    const holder = await sandbox.commands.run('sleep 60', { background: true, envs: { HELD: canary } });
    await sandbox.files.write('/home/user/held.txt', canary);
    const found = (await everywhere()).trim().split('\n');
    await holder.kill();
    await sandbox.files.remove('/home/user/held.txt');
    expect(found).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\/proc\/\d+\/environ$/), '/home/user/held.txt']),
    );
    const environment = await root('cat /etc/shmastra/env');
    expect(environment).toMatch(/^ANTHROPIC_API_KEY=vk_/m);
  });

  it('keeps its settings from everybody but root', async () => {
    const mode = await root('stat -c "%U %a" /etc/shmastra/env /etc/shmastra');
    expect(mode.trim().split('\n')).toEqual(['root 600', 'root 700']);
  });

  it('gives what agents write no way to root', async () => {
    const status = await root('cat /proc/$(pgrep -u user -f runner | head -1)/status');
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
  });

  it('reaches neither the host, its database and engine, nor another sandbox', async () => {
    const { secrets } = scene.inside;
    const gateway = new URL(await root('. /etc/shmastra/env; printf %s "$SANDBOX_CONTROL_URL"')).hostname;
    const address = onHost.address();
    const open = typeof address === 'object' && address ? address.port : 0;
    for (const port of [open, secrets.ports.postgres, secrets.ports.engine]) {
      expect(await reached(`${gateway}:${port}`), `host port ${port}`).toBe(false);
      expect(await reached(`127.0.0.1:${port}`), `loopback port ${port}`).toBe(false);
    }
    const other = await scene.inside.connect(neighbour.sandboxId);
    const [its] = (await other.commands.run('hostname -I')).stdout.trim().split(' ');
    expect((await other.commands.run(`curl -s -m 2 http://${its}:4111/health`)).stdout).toContain('state');
    expect(await reached(`${its}:4111`), 'the other sandbox').toBe(false);
    // Its control listener is what it may reach.
    expect(await root(reach(`${gateway}:${secrets.ports.control}`))).toMatch(/^4\d\d/);
  });

  it('reaches no address of the deny list, though it can be reached from the host', async () => {
    for (const target of [
      '10.99.77.2',
      '172.16.77.2',
      '192.168.177.2',
      '169.254.169.254',
      '100.64.77.2',
      '198.51.100.77',
    ]) {
      const remote: RemoteHost = await makeRemoteHost(target);
      try {
        expect(await remote.answersTheHost(), `${target} from the host`).toBe(true);
        expect(await reached(`${target}:8080`), `${target} from the sandbox`).toBe(false);
      } finally {
        await remote.remove();
      }
    }
  });

  it('cannot take more memory, processes or disk than it was given', async () => {
    const info = await sandbox.getInfo();
    const memory = await sandbox.commands.run(
      `node -e 'const a=[];for(;;)a.push(Buffer.alloc(64<<20,1))'; echo "code $?"`,
      { timeoutMs: 60_000 },
    );
    expect(memory.stdout).not.toContain('code 0');
    const processes = await sandbox.commands
      .run('for i in $(seq 1 5000); do sleep 20 & done 2>&1 | head -3; jobs -p | wc -l; pkill sleep', {
        timeoutMs: 60_000,
      })
      .catch((error: unknown) => ({ stdout: String(error) }));
    expect(processes.stdout).toMatch(/fork|Resource temporarily unavailable/);
    const disk = await sandbox.commands
      .run('cd /home/user; for i in $(seq 1 100); do fallocate -l 1G big$i 2>&1 || break; done; rm -f big*', {
        timeoutMs: 120_000,
      })
      .catch((error: unknown) => ({ stdout: String(error) }));
    expect(disk.stdout).toMatch(/No space left/);
    expect(info.memoryMB).toBeGreaterThan(0);
    // Its neighbour has noticed nothing.
    expect((await neighbour.person.call('/api/mastra/api/agents')).status).toBe(200);
  });
});
