import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { streamProcess } from '../client-stream.ts';
import { encodeFrame } from '../http/frames.ts';
import { bytesOf, outputOf, startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

const list = async () =>
  (await envd.call('/process.Process/List')).json as { processes: { pid: number; tag?: string }[] };

const stream = (method: string, message: unknown, headers?: Record<string, string>) =>
  envd.stream(`/process.Process/${method}`, message, headers);
const stdoutOf = (answer: string) => bytesOf(answer, 'stdout').toString();

const bash = (cmd: string) => ({ cmd: '/bin/bash', args: ['-l', '-c', cmd] });

describe('Start', () => {
  it('gives pid, output and exit code, in the home folder with the defaults', async () => {
    const events = await envd.run('pwd; echo "$FROM_DEFAULTS $USER"; echo bad >&2; exit 3');
    expect(events[0]).toMatchObject({ kind: 'start', pid: expect.any(Number) });
    expect(outputOf(events)).toBe(`${envd.home}\nyes user\n`);
    expect(outputOf(events, 'stderr')).toBe('bad\n');
    expect(events.at(-1)).toEqual({ kind: 'end', exitCode: 3, status: 'exit status 3' });
  });

  it('kills at the deadline, with what the command started', async () => {
    const marker = `sleep 77.${process.pid}`;
    await expect(envd.run(`${marker} & ${marker}; true`, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(outputOf(await envd.run(`pgrep -fxc "${marker}" || true`)).trim()).toBe('0');
  });

  it('ends the stream with an error for what cannot start', async () => {
    expect(await stream('Start', { process: { ...bash('true'), cwd: '/missing' } })).toContain(
      "cwd '/missing' does not exist",
    );
    expect(await stream('Start', { process: {} })).toContain('"invalid_argument"');
    const basic = { authorization: `Basic ${Buffer.from('nobody-here:').toString('base64')}` };
    expect(await stream('Start', { process: bash('true') }, basic)).toContain('"unauthenticated"');
  });

  it('says what a shell says of a program that is not there', async () => {
    const answer = await stream('Start', { process: { cmd: '/missing', args: ['x'] } });
    expect(answer).toContain('"exitCode":127');
    expect(bytesOf(answer, 'stderr').toString()).toContain('/missing');
  });

  it('looks for a program where the command’s own PATH says', async () => {
    await mkdir(`${envd.home}/bin`);
    await writeFile(`${envd.home}/bin/mine`, '#!/bin/sh\necho "found $1"\n', { mode: 0o755 });
    await writeFile(`${envd.home}/bin/plain`, 'echo "plain $1"\n', { mode: 0o755 });
    await writeFile(`${envd.home}/bin/forbidden`, '', { mode: 0o644 });
    const PATH = `/missing:${envd.home}/bin:/usr/bin`;
    const start = (cmd: string) => stream('Start', { process: { cmd, args: ['it'], envs: { PATH } } });
    expect(stdoutOf(await start('mine'))).toBe('found it\n');
    // Without a line that names an interpreter the shell is it.
    expect(stdoutOf(await start('plain'))).toBe('plain it\n');
    const forbidden = await start('forbidden');
    expect(forbidden).toContain('"exitCode":126');
    expect(bytesOf(forbidden, 'stderr').toString()).toMatch(/forbidden: Permission denied/);
    const cut = { process: { cmd: '/bin/echo', args: ['a\0b'] } };
    expect(await stream('Start', cut)).toContain(`cannot start '/bin/echo': EINVAL`);
  });

  it('keeps the command when the client goes away, and takes late listeners', async () => {
    const abort = new AbortController();
    const command = { cmd: 'read -r line < gate; echo "got $line"; exit 4', user: 'user' };
    await envd.run('mkfifo gate');
    let pid = 0;
    const events = streamProcess({ url: envd.url, token: TOKEN }, command, abort.signal);
    const first = await events.next();
    if (!first.done && first.value.kind === 'start') pid = first.value.pid;
    abort.abort();
    expect((await list()).processes.map((process) => process.pid)).toContain(pid);
    const late = stream('Connect', { process: { pid } });
    await envd.run('echo hello > gate');
    expect(stdoutOf(await late)).toBe('got hello\n');
    // After its end it can still be asked for, but it is not listed.
    expect(await stream('Connect', { process: { pid } })).toContain('"exitCode":4');
    expect((await list()).processes.map((process) => process.pid)).not.toContain(pid);
  });

  it('says that a signal ended it', async () => {
    expect((await envd.run('kill -KILL $$')).at(-1)).toMatchObject({ exitCode: -1, status: 'signal: killed' });
  });

  it('sends a sign of life when asked', async () => {
    const text = await stream(
      'Start',
      { process: bash('sleep 1.5'), stdin: false },
      { 'keepalive-ping-interval': '1' },
    );
    expect(text).toContain('{"event":{"keepalive":{}}}');
  });

  it('lets a client that reads slowly hold up the command', async () => {
    const response = await fetch(`${envd.url}/process.Process/Start`, {
      method: 'POST',
      headers: { 'content-type': 'application/connect+json', 'x-access-token': TOKEN },
      body: new Uint8Array(
        encodeFrame({ process: bash('head -c 30000000 /dev/zero; echo done > finished'), tag: 'slow' }),
      ),
    });
    const isFinished = async () => outputOf(await envd.run('cat finished 2>/dev/null || true')) !== '';
    expect(await waitUntil(isFinished, 700, 100)).toBe(false);
    let length = 0;
    for await (const chunk of response.body ?? []) length += chunk.length;
    expect(length).toBeGreaterThan(40_000_000);
    expect(await isFinished()).toBe(true);
  });
});

describe('a running command', () => {
  it('takes input and signals, by pid or tag', async () => {
    const ended = stream('Start', { process: bash('cat; echo closed'), tag: 'cat' });
    await waitUntil(async () => (await list()).processes.some(({ tag }) => tag === 'cat'), 5000, 10);
    const process = { tag: 'cat' };
    const stdin = Buffer.from('line\n').toString('base64');
    expect(await envd.call('/process.Process/SendInput', { process, input: { stdin } })).toEqual({
      status: 200,
      json: {},
    });
    expect((await envd.call('/process.Process/CloseStdin', { process })).status).toBe(200);
    const text = await ended;
    expect(stdoutOf(text)).toBe('line\nclosed\n');
    expect(text).toContain('"exitCode":0');
  });

  it('ends when it is killed, whoever still has its output open', async () => {
    const ended = stream('Start', { process: bash('setsid sleep 33 & echo ready; wait'), tag: 'left' });
    const process = { tag: 'left' };
    await waitUntil(async () => (await list()).processes.some(({ tag }) => tag === 'left'), 5000, 10);
    await waitUntil(async () => outputOf(await envd.run('pgrep -xf "sleep 33" || true')) !== '', 5000, 20);
    await envd.call('/process.Process/SendSignal', { process, signal: 'SIGNAL_SIGKILL' });
    expect(await ended).toContain('"status":"signal: killed"');
    await envd.run('pkill -xf "sleep 33"');
  });

  it('that does not read holds up who writes, not envd', async () => {
    await envd.run('mkfifo hold');
    const ended = stream('Start', { process: bash('read -r _ < hold; cat > /dev/null'), tag: 'deaf' });
    await waitUntil(async () => (await list()).processes.some(({ tag }) => tag === 'deaf'), 5000, 10);
    const stdin = Buffer.alloc(1_000_000).toString('base64');
    const abort = AbortSignal.timeout(300);
    const body = JSON.stringify({ process: { tag: 'deaf' }, input: { stdin } });
    const headers = { 'content-type': 'application/json', 'x-access-token': TOKEN };
    const send = () => fetch(`${envd.url}/process.Process/SendInput`, { method: 'POST', headers, body, signal: abort });
    await expect(Promise.all([send(), send()])).rejects.toThrow(/abort|timeout/);
    await envd.call('/process.Process/SendSignal', { process: { tag: 'deaf' }, signal: 'SIGNAL_SIGKILL' });
    expect(await ended).toContain('signal: killed');
  });

  it('refuses what does not fit', async () => {
    const calls: [string, unknown, number, string][] = [
      ['SendSignal', { process: { pid: 1 }, signal: 'SIGNAL_SIGKILL' }, 404, 'not_found'],
      ['SendInput', { process: { pid: 1 }, input: { stdin: '!' } }, 400, 'invalid_argument'],
      ['Update', { process: { pid: 1 } }, 404, 'not_found'],
      ['Missing', {}, 501, 'unimplemented'],
    ];
    for (const [method, body, status, code] of calls) {
      expect(await envd.call(`/process.Process/${method}`, body)).toMatchObject({ status, json: { code } });
    }
  });
});
