import { appendFile, chmod, mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';
import { encodeFrame } from '../http/frames.ts';
import type { FilesystemEvent } from './messages.ts';

let envd: TestEnvd;
let dir: string;
let count = 0;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());
beforeEach(async () => {
  dir = path.join(envd.home, `watched-${++count}`);
  await mkdir(dir);
});

const call = (method: string, body: unknown) => envd.call(`/filesystem.Filesystem/${method}`, body);

/** A watcher to poll: `until` gathers events, as `name TYPE`, until the wanted one has come. */
async function watcher(options: { recursive?: boolean; includeEntry?: boolean } = {}) {
  const { json } = await call('CreateWatcher', { path: dir, ...options });
  const { watcherId } = json as { watcherId: string };
  const events: FilesystemEvent[] = [];
  const shown = () => events.map(({ name, type }) => `${name} ${type.replace('EVENT_TYPE_', '')}`);
  return {
    events,
    until: async (wanted: string) => {
      await waitUntil(
        async () => {
          const answer = (await call('GetWatcherEvents', { watcherId })).json as { events: FilesystemEvent[] };
          events.push(...answer.events);
          return shown().includes(wanted);
        },
        3000,
        10,
      );
      return shown();
    },
    close: () => call('RemoveWatcher', { watcherId }),
  };
}
const at = (name: string) => path.join(dir, name);

describe('CreateWatcher', () => {
  it('tells what happens as E2B does', async () => {
    await writeFile(at('old'), 'x');
    await mkdir(at('sub'));
    const { until, close } = await watcher();
    await writeFile(at('new'), 'text');
    await appendFile(at('old'), 'more');
    await chmod(at('old'), 0o600);
    await rename(at('old'), at('renamed'));
    await rm(at('new'));
    await writeFile(at('sub/unseen'), '');
    await writeFile(at('last'), '');
    expect(await until('last CREATE')).toEqual([
      'new CREATE',
      'new WRITE',
      'old WRITE',
      'old CHMOD',
      'old RENAME',
      'renamed CREATE',
      'new REMOVE',
      'last CREATE',
    ]);
    expect((await close()).status).toBe(200);
    expect((await close()).status).toBe(404);
  });

  it('tells of folders below, of new ones without a gap, and where they are moved', async () => {
    await mkdir(at('a/b'), { recursive: true });
    const { until, close } = await watcher({ recursive: true });
    await writeFile(at('a/b/file'), '1');
    await mkdir(at('n/e/w'), { recursive: true });
    await writeFile(at('n/e/w/file'), '1');
    const first = await until('n/e/w/file WRITE');
    expect(first).toContain('a/b/file WRITE');
    for (const name of ['n', 'n/e', 'n/e/w', 'n/e/w/file']) {
      expect(first.filter((event) => event === `${name} CREATE`)).toHaveLength(1);
    }
    await rename(at('a'), at('moved'));
    await writeFile(at('moved/b/after'), '');
    expect(await until('moved/b/after CREATE')).toContain('moved CREATE');
    await rename(at('moved'), path.join(envd.home, `gone-${count}`));
    await until('moved RENAME');
    await new Promise((resolve) => setTimeout(resolve, 150));
    await writeFile(path.join(envd.home, `gone-${count}`, 'b/unseen'), '');
    await writeFile(at('last'), '');
    expect((await until('last CREATE')).join()).not.toContain('unseen');
    await close();
  });

  it('loses nothing of many folders and files that are made at once', async () => {
    const { until, close } = await watcher({ recursive: true });
    await envd.run(`cd ${dir} && mkdir -p d{1..30}/e{1..5} && for f in d*/e*; do echo x > $f/file; done; touch last`);
    const events = await until('last CREATE');
    await until('d30/e5/file CREATE');
    const files = new Set((await until('d30/e5/file WRITE')).filter((event) => event.endsWith('file CREATE')));
    expect(files.size).toBe(150);
    expect(events.length).toBeGreaterThan(150);
    await close();
  });

  it('adds the entry of what is still there', async () => {
    const { events, until, close } = await watcher({ includeEntry: true });
    await writeFile(at('kept'), 'four');
    await writeFile(at('gone'), '');
    await rm(at('gone'));
    await until('gone REMOVE');
    expect(events.find(({ name, type }) => name === 'kept' && type === 'EVENT_TYPE_WRITE')).toMatchObject({
      entry: { path: at('kept'), size: '4', type: 'FILE_TYPE_FILE' },
    });
    expect(events.find(({ type }) => type === 'EVENT_TYPE_REMOVE')).not.toHaveProperty('entry');
    await close();
  });

  it('tells the end of the folder itself', async () => {
    const { until, close } = await watcher();
    await rmdir(dir);
    expect(await until('. REMOVE')).toContain('. REMOVE');
    expect((await close()).status).toBe(200);
  });
});

describe('WatchDir', () => {
  const open = async (body: unknown, headers: Record<string, string> = {}) => {
    const abort = new AbortController();
    const response = await fetch(`${envd.url}/filesystem.Filesystem/WatchDir`, {
      method: 'POST',
      headers: { 'content-type': 'application/connect+json', 'x-access-token': TOKEN, ...headers },
      body: new Uint8Array(encodeFrame(body)),
      signal: abort.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('latin1');
    })().catch(() => {});
    return { abort, reading, until: (wanted: string) => waitUntil(async () => text.includes(wanted), 3000, 10) };
  };

  it('starts, tells and shows that it lives', async () => {
    const { abort, until } = await open({ path: dir }, { 'keepalive-ping-interval': '1' });
    expect(await until('{"start":{}}')).toBe(true);
    await writeFile(at('x'), '');
    expect(await until('{"filesystem":{"name":"x","type":"EVENT_TYPE_CREATE"}}')).toBe(true);
    expect(await until('{"keepalive":{}}')).toBe(true);
    abort.abort();
  });

  it('ends when its time is up', async () => {
    const { reading, until } = await open({ path: dir }, { 'connect-timeout-ms': '200' });
    await reading;
    expect(await until('deadline_exceeded')).toBe(true);
  });

  it('refuses what is no folder', async () => {
    await writeFile(at('file'), '');
    expect(await envd.stream('/filesystem.Filesystem/WatchDir', { path: at('file') })).toContain('"invalid_argument"');
    expect(await envd.stream('/filesystem.Filesystem/WatchDir', { path: at('none') })).toContain('"not_found"');
    expect(await envd.stream('/filesystem.Filesystem/WatchDir', { path: '/proc/self/environ' })).toContain('not a dir');
  });
});
