import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { clearStaleSocket } from './socket.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'web-socket-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('accepts a path where nothing is', async () => {
  await expect(clearStaleSocket(join(folder, 'web.sock'))).resolves.toBeUndefined();
});

it('removes the socket of a process that was killed', async () => {
  const path = join(folder, 'web.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script], { timeout: 10_000 });
  expect(existsSync(path)).toBe(true);
  await clearStaleSocket(path);
  expect(existsSync(path)).toBe(false);
});

it('leaves a socket alone on which somebody listens', async () => {
  const path = join(folder, 'web.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await expect(clearStaleSocket(path)).rejects.toThrow(/already listens/);
    expect(existsSync(path)).toBe(true);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

it('leaves a file alone that is no socket', async () => {
  const path = join(folder, 'web.sock');
  writeFileSync(path, 'mine');
  await expect(clearStaleSocket(path)).rejects.toThrow(/not a socket/);
  expect(existsSync(path)).toBe(true);
});
