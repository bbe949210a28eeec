import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Sandbox } from 'e2b';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestEngine } from './testing/engine.ts';

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));

const instances = async () => Number(await readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'));

describe('the command line tool', () => {
  let engine: TestEngine;
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, [CLI, ...args, '--data-dir', engine.dataDir]);
  beforeEach(async () => {
    engine = await TestEngine.start();
  });
  afterEach(() => engine.dispose());

  it('makes and revokes keys that the running engine knows at once', async () => {
    const apiKey = (await cli('keys', 'create')).stdout.trim();
    const connection = { ...engine.connection, apiKey };
    expect(await Sandbox.list(connection).nextItems()).toEqual([]);
    const lines = (await cli('keys', 'list')).stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain(apiKey.slice(4));
    await cli('keys', 'revoke', lines[1]?.split(' ')[0] ?? '');
    await expect(Sandbox.list(connection).nextItems()).rejects.toThrow(/API key/);
    await expect(cli('keys', 'revoke', 'none')).rejects.toThrow(/there is no key/);
  });

  it('removes everything that a killed engine left, but nothing of a running one', async () => {
    const sandbox = await Sandbox.create('base', engine.connection);
    expect((await cli('list')).stdout).toContain(sandbox.sandboxId);
    await expect(cli('prune')).rejects.toThrow(/is running/);
    await engine.end('SIGKILL');
    expect(await engine.remains()).not.toEqual([]);
    await cli('prune');
    expect(await engine.remains()).toEqual([]);
    await cli('prune');
  });

  it('sets back what the engine raised, unless another engine runs', async () => {
    await engine.end();
    const before = await instances();
    await engine.launch({ ENGINE_MAX_RUNNING: String(Math.ceil(before / 64)) });
    const raised = await instances();
    expect(raised).toBeGreaterThan(before);
    expect(await engine.log()).toContain('raised a setting of the kernel');
    await engine.end();
    const { stdout } = await cli('prune');
    expect(stdout).toMatch(/max_user_instances is \d+ again|kept .*max_user_instances.*: another engine/);
    expect((await instances()) <= before).toBe(!stdout.includes('kept'));
  });

  it('says how it is used', async () => {
    await expect(cli('nonsense')).rejects.toThrow(/unknown command[\s\S]*Usage/);
  });
});
