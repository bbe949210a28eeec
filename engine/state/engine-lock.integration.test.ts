import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

const DAEMON = fileURLToPath(new URL('../daemon.ts', import.meta.url));

let engine: TestEngine;
let other: string;
beforeAll(async () => {
  engine = await TestEngine.start();
  other = await mkdtemp(path.join(tmpdir(), 'shmastra-other-'));
});
afterAll(async () => {
  await engine?.dispose();
  await rm(other, { recursive: true, force: true });
});

it('leaves a running engine alone when another one is started under its name', async () => {
  const sandbox = await Sandbox.create('base', engine.connection);
  const { pid } = await sandbox.commands.run('sleep 600', { background: true });
  const env = {
    ...process.env,
    ENGINE_DATA_DIR: other,
    ENGINE_INSTANCE: engine.instance,
    ENGINE_SUBNET: engine.subnet,
    ENGINE_PORT: '0',
  };
  await expect(promisify(execFile)(process.execPath, [DAEMON], { env, timeout: 60_000 })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/another engine \(process \d+\) uses .* or set ENGINE_INSTANCE/),
  });
  expect((await sandbox.commands.list()).map((command) => command.pid)).toContain(pid);
  expect((await Sandbox.create('base', engine.connection)).sandboxId).toMatch(/^[a-z0-9]+$/);
});
