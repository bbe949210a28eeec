import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { streamProcess } from '../client-stream.ts';
import { encodeFrame } from '../http/frames.ts';
import { outputOf, startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

const list = async () =>
  (await envd.call('/process.Process/List')).json as { processes: { pid: number; tag?: string }[] };

/** The answer of a streaming RPC as text. */
async function stream(method: string, message: unknown, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${envd.url}/process.Process/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/connect+json', 'x-access-token': TOKEN, ...headers },
    body: new Uint8Array(encodeFrame(message)),
  });
  return response.text();
}
/** What a command wrote, from the frames of its stream. */
function stdoutOf(text: string): string {
  const pieces = [...text.matchAll(/"stdout":"([^"]*)"/g)].map(([, piece]) => Buffer.from(piece ?? '', 'base64'));
  return Buffer.concat(pieces).toString('utf8');
}

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
    expect(await stream('Start', { process: bash('true'), pty: { size: { cols: 80, rows: 24 } } })).toContain(
      '"unimplemented"',
    );
    expect(await stream('Start', { process: { ...bash('true'), cwd: '/missing' } })).toContain(
      "cwd '/missing' does not exist",
    );
    expect(await stream('Start', { process: { cmd: '/missing' } })).toContain("cannot start '/missing': ENOENT");
    expect(await stream('Start', { process: {} })).toContain('"invalid_argument"');
    const basic = { authorization: `Basic ${Buffer.from('nobody-here:').toString('base64')}` };
    expect(await stream('Start', { process: bash('true') }, basic)).toContain('"unauthenticated"');
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

  it('refuses what does not fit', async () => {
    const calls: [string, unknown, number, string][] = [
      ['SendSignal', { process: { pid: 1 }, signal: 'SIGNAL_SIGKILL' }, 404, 'not_found'],
      ['SendSignal', { process: { pid: 1 }, signal: 'SIGNAL_SIGHUP' }, 400, 'invalid_argument'],
      ['SendInput', { process: { pid: 1 }, input: { stdin: '!' } }, 400, 'invalid_argument'],
      ['Update', { process: { pid: 1 } }, 501, 'unimplemented'],
      ['Missing', {}, 501, 'unimplemented'],
    ];
    for (const [method, body, status, code] of calls) {
      expect(await envd.call(`/process.Process/${method}`, body)).toMatchObject({ status, json: { code } });
    }
  });
});
