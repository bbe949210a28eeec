import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { bytesOf, startTestEnvd, type TestEnvd } from '../testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

const pty = { size: { cols: 80, rows: 24 } };
const call = (method: string, body: unknown) => envd.call(`/process.Process/${method}`, body);
const isListed = async (wanted: string) => {
  const { processes } = (await call('List', {})).json as { processes: { tag?: string }[] };
  return processes.some(({ tag }) => tag === wanted);
};
const bash = (cmd: string) => ({ cmd: '/bin/bash', args: ['--norc', '-c', cmd] });

/** Starts a command on a terminal and resolves with its whole answer. */
async function start(process: unknown, tag: string): Promise<Promise<string>[]> {
  const answer = envd.stream('/process.Process/Start', { process, pty, tag });
  await waitUntil(() => isListed(tag), 5000, 10);
  return [answer];
}
const type = (tag: string, text: string) =>
  call('SendInput', { process: { tag }, input: { pty: Buffer.from(text).toString('base64') } });

it('gives an interactive shell its terminal', async () => {
  const [answer] = await start({ cmd: '/bin/bash', args: ['--norc', '-i'], envs: { TERM: 'dumb', PS1: '' } }, 'shell');
  expect((await type('shell', 'tty; stty size; set -o | grep monitor; exit 7\n')).status).toBe(200);
  const text = bytesOf((await answer) ?? '', 'pty').toString();
  expect(text).toMatch(/\/dev\/pts\/\d+\r\n24 80\r\nmonitor\s+on\r\n/);
  expect(await answer).toContain('"exitCode":7');
});

it('changes its size', async () => {
  const ready = path.join(envd.home, 'ready');
  const [answer] = await start(bash('trap "stty size; exit" WINCH; touch ready; while :; do sleep 0.05; done'), 'size');
  await waitUntil(async () => existsSync(ready), 5000, 10);
  expect(await call('Update', { process: { tag: 'size' }, pty: { size: { cols: 132, rows: 50 } } })).toEqual({
    status: 200,
    json: {},
  });
  expect(bytesOf((await answer) ?? '', 'pty').toString()).toContain('50 132');
});

it('passes bytes on as they are, and all of them', async () => {
  const [answer] = await start(bash('stty raw; head -c 3000000 /dev/zero; printf "\\377\\300end"'), 'bytes');
  const bytes = bytesOf((await answer) ?? '', 'pty');
  expect(bytes.length).toBe(3_000_005);
  expect(bytes.subarray(-5)).toEqual(Buffer.from([0xff, 0xc0, ...Buffer.from('end')]));
});

it('waits for a program that does not read, and passes on more than a terminal holds', async () => {
  const raw = path.join(envd.home, 'raw');
  const [answer] = await start(bash('stty raw -echo; touch raw; sleep 0.3; head -c 100000 | sha256sum'), 'slow');
  const late = envd.stream('/process.Process/Connect', { process: { tag: 'slow' } });
  await waitUntil(async () => existsSync(raw), 5000, 10);
  expect((await type('slow', 'x'.repeat(100_000))).status).toBe(200);
  const sum = createHash('sha256').update('x'.repeat(100_000)).digest('hex');
  expect(bytesOf((await answer) ?? '', 'pty').toString()).toContain(sum);
  expect(await late).toContain('"exitCode":0');
});

it('is hung up and closed when it is killed', async () => {
  const opened = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).includes('ptmx');
      } catch {
        return false;
      }
    });
  const [answer] = await start(bash('sleep 44 & cat'), 'killed');
  expect((await call('SendSignal', { process: { tag: 'killed' }, signal: 'SIGNAL_SIGKILL' })).status).toBe(200);
  expect(await answer).toContain('"status":"signal: killed"');
  expect(await waitUntil(async () => opened().length === 0, 2000, 20)).toBe(true);
});

it('refuses what does not fit a terminal, or a command without one', async () => {
  const [answer] = await start(bash('read -r line'), 'with');
  const without = envd.stream('/process.Process/Start', { process: bash('read -r line'), tag: 'without' });
  await waitUntil(() => isListed('without'), 5000, 10);
  const stdin = { stdin: '' };
  const refused: [string, unknown, number][] = [
    ['SendInput', { process: { tag: 'with' }, input: stdin }, 500],
    ['SendInput', { process: { tag: 'without' }, input: { pty: '' } }, 500],
    ['SendInput', { process: { tag: 'with' }, input: {} }, 501],
    ['Update', { process: { tag: 'without' }, pty }, 500],
    ['CloseStdin', { process: { tag: 'with' } }, 500],
    ['SendSignal', { process: { tag: 'with' }, signal: 'SIGNAL_SIGHUP' }, 501],
  ];
  for (const [method, body, status] of refused)
    expect([method, (await call(method, body)).status]).toEqual([method, status]);
  await type('with', '\n');
  await call('SendInput', { process: { tag: 'without' }, input: { stdin: 'Cg==' } });
  await Promise.all([answer, without]);
});
