import { FileNotFoundError, type FilesystemEvent, Sandbox } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

let engine: TestEngine;
let sandbox: Sandbox;
beforeAll(async () => {
  engine = await TestEngine.start();
  sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 600_000 });
});
afterAll(() => engine.dispose());

it('tells over the SDK what happens below a folder, also of folders of the image', async () => {
  const seen: FilesystemEvent[] = [];
  const options = { recursive: true, includeEntry: true };
  await sandbox.files.makeDir('tree/inner');
  const handle = await sandbox.files.watchDir('tree', (event) => void seen.push(event), options);
  const image = await sandbox.files.watchDir('/usr/share', (event) => void seen.push(event), options);
  await sandbox.files.write('tree/inner/file', 'text');
  await sandbox.commands.run('mkdir -p tree/x/y && echo 1 > tree/x/y/z; sudo touch /usr/share/perl5/made');
  const wanted = ['inner/file write', 'x create', 'x/y/z write', 'perl5/made create'];
  const names = () => seen.map(({ name, type }) => `${name} ${type}`);
  expect(await waitUntil(async () => wanted.every((name) => names().includes(name)), 5000, 20)).toBe(true);
  expect(seen.find(({ name }) => name === 'inner/file')?.entry).toMatchObject({ path: '/home/user/tree/inner/file' });
  await handle.stop();
  await image.stop();
});

it('goes on after a pause, and gives the kernel back what it took', async () => {
  const seen: string[] = [];
  await sandbox.files.makeDir('paused');
  const { watcherId } = await create('paused');
  await sandbox.pause();
  sandbox = await Sandbox.connect(sandbox.sandboxId, { ...engine.connection, timeoutMs: 600_000 });
  await sandbox.files.write('paused/after', '1');
  expect(
    await waitUntil(
      async () => {
        seen.push(...(await events(watcherId)));
        return seen.includes('after');
      },
      5000,
      20,
    ),
  ).toBe(true);
  await rpc('RemoveWatcher', { watcherId });
  const opened = async () =>
    (
      await sandbox.commands.run('ls -l /proc/$(pgrep -f "^/.engine/node")/fd | grep -c inotify || true', {
        user: 'root',
      })
    ).stdout;
  expect(await waitUntil(async () => (await opened()).trim() === '0', 5000, 50)).toBe(true);
});

it('refuses what is not there', async () => {
  await expect(sandbox.files.watchDir('none', () => {})).rejects.toBeInstanceOf(FileNotFoundError);
});

it('does not hold up the end of the sandbox', async () => {
  await create('/home/user');
  const started = performance.now();
  await sandbox.kill();
  expect(performance.now() - started).toBeLessThan(3000);
});

async function rpc(method: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${engine.connection.sandboxUrl}/filesystem.Filesystem/${method}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-access-token': sandbox['envdAccessToken'] ?? '',
      'e2b-sandbox-id': sandbox.sandboxId,
      'e2b-sandbox-port': '49983',
    },
    body: JSON.stringify(body),
  });
  return response.json();
}
const create = async (path: string) => (await rpc('CreateWatcher', { path })) as { watcherId: string };
const events = async (watcherId: string) =>
  ((await rpc('GetWatcherEvents', { watcherId })) as { events: { name: string }[] }).events.map(({ name }) => name);
