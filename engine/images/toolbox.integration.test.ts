import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ENVD_COMMAND, ensureToolbox } from './toolbox.ts';

const run = promisify(execFile);

it('holds what PID 1 of a sandbox needs, made once', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'toolbox-'));
  try {
    const [dir, again] = await Promise.all([ensureToolbox(dataDir), ensureToolbox(dataDir)]);
    expect(again).toBe(dir);
    const { mtimeMs } = await stat(dir);
    expect(await ensureToolbox(dataDir)).toBe(dir);
    expect((await stat(dir)).mtimeMs).toBe(mtimeMs);
    expect((await readdir(dir)).sort()).toEqual(['envd.cjs', 'init', 'koffi.node', 'node']);
    // Nothing but the sandbox's own libraries is there: the init must be static.
    await expect(run('ldd', [path.join(dir, 'init')])).rejects.toMatchObject({
      stderr: expect.stringContaining('not a dynamic'),
    });
    const command = ENVD_COMMAND.map((part) => part.replace('/.engine', dir));
    await expect(run(command[2] ?? '', command.slice(3))).rejects.toMatchObject({
      stderr: expect.stringContaining('ENVD_ACCESS_TOKEN is not set'),
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
