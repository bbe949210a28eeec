import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { createUsageReader } from '../runtime/cgroup-usage.ts';
import { TestEngine } from '../testing/engine.ts';

const DEADLINE = { timeout: 60_000, interval: 20 };
const MB = 2 ** 20;
const hasZram = existsSync('/sys/class/zram-control/hot_add');
const swaps = () => readFileSync('/proc/swaps', 'latin1');

describe('the memory of a paused sandbox', () => {
  let engine: TestEngine;
  afterEach(() => engine.dispose());

  async function begin(env: Record<string, string>): Promise<Sandbox> {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '0', ENGINE_RECLAIM_AFTER_SECONDS: '1', ...env } });
    const sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
    const hold = `const kept = []; for (let i = 0; i < 150; i += 1) kept.push(Buffer.alloc(1 << 20, 'abc' + i));
      process.on('SIGUSR1', () => {});
      const server = require('http').createServer((q, r) => r.end(kept.map((b) => b[3]).join()));
      server.listen(8000, () => require('fs').writeFileSync('/tmp/ready', ''));`;
    await sandbox.files.write('hold.js', hold);
    await sandbox.commands.run('/.engine/node hold.js', { background: true });
    await expect.poll(() => sandbox.files.exists('/tmp/ready'), DEADLINE).toBe(true);
    return sandbox;
  }
  const usage = ({ sandboxId }: Sandbox) => {
    const read = createUsageReader()(`/shmastra-${engine.instance}/${sandboxId}`);
    return Math.round((read?.memoryBytes ?? 0) / MB);
  };
  const answer = async ({ sandboxId }: Sandbox) =>
    (await fetch(engine.url, { headers: { 'e2b-sandbox-id': sandboxId, 'e2b-sandbox-port': '8000' } })).text();

  it('is its page cache when the machine has no swap', async () => {
    const sandbox = await begin({});
    await sandbox.commands.run('head -c 200000000 /dev/urandom > big; sync big');
    expect(usage(sandbox)).toBeGreaterThan(300);
    const before = await answer(sandbox);
    await sandbox.pause();
    await expect.poll(() => usage(sandbox), DEADLINE).toBeLessThan(260);
    await sandbox.connect();
    expect(await answer(sandbox)).toBe(before);
  });

  it.runIf(hasZram)('is nearly all of it with zram, which goes with the engine', async () => {
    const sandbox = await begin({ ENGINE_ZRAM_MB: '512' });
    expect(swaps()).toContain('/dev/zram');
    const before = await answer(sandbox);
    expect(usage(sandbox)).toBeGreaterThan(150);
    await sandbox.pause();
    await expect.poll(() => usage(sandbox), DEADLINE).toBeLessThan(30);
    await sandbox.connect();
    expect(await answer(sandbox)).toBe(before);

    // A resume does not wait for what goes on in the background.
    await sandbox.pause();
    await expect.poll(() => usage(sandbox), DEADLINE).toBeLessThan(140);
    const begun = performance.now();
    await sandbox.connect();
    expect(await answer(sandbox)).toBe(before);
    expect(performance.now() - begun).toBeLessThan(2000);

    await engine.end('SIGKILL');
    await engine.launch();
    expect(swaps().split('/dev/zram')).toHaveLength(2);
    expect(await answer(sandbox)).toBe(before);
    await engine.end('SIGTERM');
    expect(swaps()).not.toContain('/dev/zram');
    expect(existsSync(path.join(engine.dataDir, 'zram.json'))).toBe(false);
  });
});
