import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { command } from './command.ts';
import { type Program, type ProgramOptions, startProgram, startWithFork } from './program.ts';
import { vfork } from './vfork.ts';

const env = { PATH: process.env.PATH ?? '', GREETING: 'hello' };

async function outcome(program: Program): Promise<{ out: string; code: number | null }> {
  let out = '';
  program.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  program.stderr?.resume();
  return { code: await program.ended, out };
}

it('has vfork on this machine', () => {
  expect(vfork()).not.toBeNull();
});

describe.each([
  ['with vfork', startProgram],
  ['with fork', startWithFork],
])('a program %s', (_, start) => {
  const run = (script: string, options: Partial<ProgramOptions> = {}) =>
    start('sh', ['-c', script], { env, hasInput: false, ...options });

  it('has its arguments, environment, folder, output and exit code', async () => {
    const cwd = realpathSync(tmpdir());
    expect(await outcome(run('echo $GREETING; pwd; env | wc -l; exit 7', { cwd }))).toEqual({
      out: expect.stringMatching(new RegExp(`^hello\n${cwd}\n`)),
      code: 7,
    });
  });

  it('reads its input to the end, also much of it', async () => {
    const program = run('wc -c', { hasInput: true });
    program.stdin?.end('x'.repeat(1_000_000));
    expect((await outcome(program)).out.trim()).toBe('1000000');
  });

  it('has nothing to read when there is no input, and no descriptor of ours', async () => {
    const held = openSync('/etc/passwd', 'r');
    const { out } = await outcome(run('cat; ls -l /proc/self/fd'));
    closeSync(held);
    expect(out).toContain('/dev/null');
    expect(out).not.toContain('/etc/passwd');
  });

  it('does not ignore signals that Node ignores', async () => {
    const { out } = await outcome(run('grep -E "^Sig(Ign|Blk)" /proc/self/status'));
    // The C library ignores 32 and 33, which are its own, until it needs them.
    expect(out).toMatch(/SigBlk:\s0+\nSigIgn:\s0+(18)?0+\n/);
  });

  it('writes into a file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'program-'));
    const file = path.join(folder, 'output');
    const fd = openSync(file, 'w');
    const program = run('echo out; echo err >&2', { outputFd: fd });
    expect(await program.ended).toBe(0);
    closeSync(fd);
    expect(readFileSync(file, 'utf8')).toBe('out\nerr\n');
    rmSync(folder, { recursive: true });
  });

  it('is killed, and then has no exit code', async () => {
    const program = start('sleep', ['60'], { env, hasInput: false });
    program.kill();
    expect((await outcome(program)).code).toBeNull();
    program.kill();
  });
});

it('leaves no descriptor open, and Node’s own programs alone', async () => {
  const count = () => readdirSync('/proc/self/fd').length;
  await command('true', []);
  const before = count();
  const others = Promise.all(Array.from({ length: 5 }, () => promisify(execFile)('sh', ['-c', 'sleep 0.05; echo x'])));
  await Promise.all(Array.from({ length: 20 }, () => command('cat', [], { input: 'x' })));
  await expect(command('/nonexistent/program', [])).rejects.toThrow(/ENOENT/);
  await expect(command('no-such-program', [])).rejects.toThrow(/ENOENT/);
  expect((await others).map(({ stdout }) => stdout)).toEqual(Array.from({ length: 5 }, () => 'x\n'));
  await expect.poll(count).toBeLessThanOrEqual(before);
});

it('says what a failed program printed, and ends one that takes too long', async () => {
  await expect(command('sh', ['-c', 'echo broken >&2; exit 3'])).rejects.toThrow(/sh -c failed \(3\): broken/);
  await expect(command('sleep', ['60'], { timeoutMs: 30 })).rejects.toThrow(/killed/);
  await expect(command('sleep', ['60'], { signal: AbortSignal.timeout(30) })).rejects.toThrow(/killed/);
  await expect(command('sleep', ['60'], { signal: AbortSignal.abort() })).rejects.toThrow(/killed/);
});
