import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sandbox, Template } from 'e2b';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMPILED, TestEngine } from './testing/engine.ts';

const CLI = fileURLToPath(new URL('./shmastra-engine.mjs', import.meta.url));

const instances = async () => Number(await readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'));

type Result = { code: number | null; stdout: string; stderr: string };

describe('the command line tool', () => {
  let engine: TestEngine;

  /** @param input what it reads on its standard input; a pipe that is closed by default */
  const run = (args: string[], input: string | Buffer = '') =>
    new Promise<Result>((resolve, reject) => {
      const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED, ENGINE_DATA_DIR: engine.dataDir };
      const child = spawn(CLI, args, { env });
      const output = { stdout: '', stderr: '' };
      child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString('latin1')));
      child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString('latin1')));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  const cli = async (...args: string[]) => {
    const result = await run(args);
    if (result.code !== 0) throw new Error(`${result.code}: ${result.stderr}`);
    return result.stdout;
  };

  describe('of an engine that runs', () => {
    beforeAll(async () => {
      engine = await TestEngine.start();
    });
    afterEach(async () => {
      for (const { sandboxId } of await Sandbox.list(engine.connection).nextItems()) {
        await Sandbox.kill(sandboxId, engine.connection);
      }
    });
    afterAll(() => engine.dispose());

    it('makes and revokes keys that the running engine knows at once', async () => {
      const apiKey = (await cli('keys', 'create', '--name', 'ci')).trim();
      const connection = { ...engine.connection, apiKey };
      expect(await Sandbox.list(connection).nextItems()).toEqual([]);
      const listed = await cli('keys', 'list');
      const lines = listed.trim().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[2]).toContain(' ci ');
      expect(listed + (await cli('keys', 'list', '--json'))).not.toMatch(/hash|e2b_/);
      await cli('keys', 'revoke', lines[2]?.split(' ')[0] ?? '');
      await expect(Sandbox.list(connection).nextItems()).rejects.toThrow(/API key/);
      await expect(cli('keys', 'revoke', 'none')).rejects.toThrow(/there is no key/);
      await expect(cli('keys', 'create', '--name', 'a\nb')).rejects.toThrow(/not a name/);
    });

    it('shows sandboxes, and changes their state', async () => {
      const sandbox = await Sandbox.create('base', { ...engine.connection, envs: { TOKEN: 'sesame' } });
      const id = sandbox.sandboxId;
      expect(await cli('status')).toMatch(/state: +ready[\s\S]*1 running/);
      expect(await cli('list')).toMatch(
        new RegExp(`${id} +base +running +yes +\\d+s +\\d+m.*\\d+[KM]/1.0G +\\d+[KM] +10\\.`),
      );
      expect(await cli('pause', id)).toContain('paused');
      expect(await cli('list')).toMatch(new RegExp(`${id} +base +paused +yes`));
      await expect(cli('pause', id)).rejects.toThrow(/^1: engine: .*paused/);
      await expect(cli('exec', id, '--', 'true')).rejects.toThrow(/is paused\.\nNext: engine resume/);
      await cli('resume', id);
      const shown = (await cli('inspect', id)) + (await cli('inspect', id, '--json')) + (await cli('list', '--json'));
      expect(shown).toMatch(/processes:[\s\S]*envd\.cjs/);
      expect(shown).toContain('"TOKEN"');
      expect(shown).not.toMatch(/sesame|envdToken|[0-9a-f]{48}/);
      await cli('kill', id);
      await expect(cli('inspect', id)).rejects.toThrow(new RegExp(id));
      expect(JSON.parse(await cli('list', '--all', '--json'))).toEqual([]);
    });

    it('runs programs in a sandbox with their streams and exit code', async () => {
      const sandbox = await Sandbox.create('base', engine.connection);
      const exec = (args: string[], input?: string | Buffer) => run(['exec', sandbox.sandboxId, ...args], input);
      expect(await exec(['--', 'sh', '-c', 'id -un; pwd; echo wrong >&2; exit 7'])).toEqual({
        code: 7,
        stdout: 'user\n/home/user\n',
        stderr: 'wrong\n',
      });
      expect(
        (await exec(['-u', 'root', '-w', '/etc', '-e', 'A=b=c', '--', 'sh', '-c', 'id -un; pwd; echo $A'])).stdout,
      ).toBe('root\n/etc\nb=c\n');
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      const copied = await exec(['--', 'cat'], bytes);
      expect(Buffer.from(copied.stdout, 'latin1').equals(bytes)).toBe(true);
      expect((await exec(['--', 'sh', '-c', 'kill -9 $$'])).code).toBe(137);
      expect((await exec(['--', 'no-such-program'])).code).toBe(127);
      expect((await exec([])).code).toBe(2);
      expect((await exec(['-t', '--', 'true'])).stderr).toContain('needs a terminal');
    });

    it('gives a program the terminal that it has itself', async () => {
      const sandbox = await Sandbox.create('base', engine.connection);
      const command = `stty cols 77 rows 33; '${CLI}' exec ${sandbox.sandboxId} -it -- sh -c 'tty; stty size; read line; echo got $line; exit 5'`;
      const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
        env: { ...process.env, ENGINE_DATA_DIR: engine.dataDir },
      });
      let output = '';
      child.stdout.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('33 77') && !output.includes('hello')) child.stdin.write('hello\r');
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(output).toMatch(/\/dev\/pts\/\d+\r+\n33 77\r+\n[\s\S]*got hello\r+\n/);
      expect(code).toBe(5);
    });

    it('lists, fetches and removes images, but none that something stands on', async () => {
      const sandbox = await Sandbox.create('base', engine.connection);
      const record = JSON.parse(
        await readFile(path.join(engine.dataDir, 'sandboxes', sandbox.sandboxId, 'sandbox.json'), 'utf8'),
      ) as { layers: string[] };
      const used = path.basename(record.layers[0] ?? '');
      expect(await cli('images', 'list')).toMatch(new RegExp(`${used} +\\d+M +- +1 +\\(made here\\)`));
      await expect(cli('images', 'remove', used)).rejects.toThrow(/stands on/);
      await expect(cli('images', 'remove', '../layers')).rejects.toThrow(/there is no image layer/);
      expect(await cli('images', 'pull', 'debian:bookworm')).toContain(`debian:bookworm is ${used}`);
      await expect(cli('images', 'pull', '127.0.0.1:9/x')).rejects.toThrow(/^1: .*named in ENGINE_REGISTRIES/);
      await expect(cli('images', 'pull', 'x', '--username', 'me')).rejects.toThrow(/go together/);
      expect((await sandbox.commands.run('true')).exitCode).toBe(0);
    });

    it('shows logs', async () => {
      const speaking = Template()
        .fromTemplate('base')
        .setStartCmd('echo ready for you; echo wrong >&2; sleep 1000', 'true');
      await Template.build(speaking, 'speaking', engine.connection);
      const started = await Sandbox.create('speaking', engine.connection);
      await vi.waitFor(
        async () => expect(await cli('logs', started.sandboxId)).toContain('ready for you\nwrong\n'),
        20_000,
      );
      const sandbox = await Sandbox.create('base', engine.connection);
      const other = await Sandbox.create('base', engine.connection);
      expect((await run(['logs', sandbox.sandboxId])).code).toBe(0);
      const lines = (await cli('logs', '--engine', sandbox.sandboxId)).trim().split('\n');
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(JSON.parse(line)).toMatchObject({ sandbox: sandbox.sandboxId });
      expect(await cli('logs', '--engine')).toContain(other.sandboxId);
      await expect(cli('logs', 'nosuch')).rejects.toThrow(/There is no sandbox nosuch/);
      await sandbox.pause({ keepMemory: false });
      await expect(cli('logs', sandbox.sandboxId)).rejects.toThrow(/not mounted[\s\S]*Next: engine resume/);
    });
  });

  describe('of an engine that is stopped or killed', () => {
    beforeEach(async () => {
      engine = await TestEngine.start();
    });
    afterEach(() => engine.dispose());

    it('removes everything that a killed engine left, but nothing of a running one', async () => {
      const sandbox = await Sandbox.create('base', engine.connection);
      await expect(cli('prune')).rejects.toThrow(/is running/);
      await engine.end('SIGKILL');
      expect(await engine.remains()).not.toEqual([]);
      expect(await cli('prune', '--dry-run')).toContain(engine.instance);
      expect(await engine.remains()).not.toEqual([]);
      await cli('prune');
      expect(await engine.remains()).toEqual([]);
      await cli('prune');
      const listed = await cli('list', '--all');
      expect(listed).toContain(sandbox.sandboxId);
      expect(listed).toContain('does not run');
    });

    it('sets back what the engine raised, unless another engine runs', async () => {
      await engine.end();
      const before = await instances();
      await engine.launch({ ENGINE_MAX_RUNNING: String(Math.ceil(before / 64)) });
      const raised = await instances();
      expect(raised).toBeGreaterThan(before);
      expect(await engine.log()).toContain('raised a setting of the kernel');
      await engine.end();
      const stdout = await cli('prune');
      expect(stdout).toMatch(/max_user_instances is \d+ again|kept .*max_user_instances.*: another engine/);
      expect((await instances()) <= before).toBe(!stdout.includes('kept'));
    });

    it('removes images, toolboxes and layers that nothing stands on, and only those', async () => {
      const sandbox = await Sandbox.create('base', engine.connection);
      const layer = path.join(engine.dataDir, 'layers/0123456789abcdef');
      const toolbox = path.join(engine.dataDir, 'toolbox/0123456789abcdef');
      for (const folder of [layer, toolbox]) {
        await mkdir(folder, { recursive: true });
        await writeFile(path.join(folder, 'file'), 'x'.repeat(100_000));
      }
      const before = await readdir(path.join(engine.dataDir, 'toolbox'));
      const dry = await cli('prune', '--images', '--dry-run');
      for (const folder of [layer, toolbox]) expect(dry).toMatch(new RegExp(`\\d+K +${folder} +would go`));
      expect(await readdir(path.join(engine.dataDir, 'toolbox'))).toEqual(before);
      await cli('prune', '--images');
      expect(await readdir(path.join(engine.dataDir, 'layers')).catch(() => [])).not.toContain('0123456789abcdef');
      expect(await readdir(path.join(engine.dataDir, 'toolbox'))).toEqual(
        before.filter((name) => name !== '0123456789abcdef'),
      );
      expect((await sandbox.commands.run('git --version')).exitCode).toBe(0);

      // Without an engine the sandboxes' processes are still there, and so is what they run from.
      await engine.end('SIGKILL');
      const left = JSON.parse(await cli('prune', '--images', '--dry-run', '--json', '--shared')) as {
        items: { path: string }[];
      };
      const record = JSON.parse(
        await readFile(path.join(engine.dataDir, 'sandboxes', sandbox.sandboxId, 'sandbox.json'), 'utf8'),
      ) as { layers: string[] };
      for (const used of record.layers) expect(left.items.map((item) => item.path)).not.toContain(used);
      expect(left.items.filter((item) => item.path.includes('/toolbox/'))).toEqual([]);
    });

    it('says how it is used', async () => {
      expect(await run(['nonsense'])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/unknown command[\s\S]*Usage/),
      });
      expect(await run([])).toMatchObject({ code: 2, stdout: expect.stringContaining('exec') });
      expect(await run(['list', '--nonsense'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('engine list'),
      });
      expect(await cli('--help')).toContain('prune');
      expect(await cli('prune', '--help')).toContain('--shared');
      expect((await stat(CLI)).mode & 0o111).toBe(0o111);
      await engine.end();
      expect(await run(['status'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/No engine runs[\s\S]*Next/),
      });
    });
  });
});
