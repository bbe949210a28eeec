import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { APPS_FOLDER } from './list-apps.ts';
import { appRoutes } from './routes.ts';

let projectDir: string;

beforeEach(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'apps-'));
});
afterEach(() => rmSync(projectDir, { recursive: true, force: true }));

function write(app: string, page: string, time: number): void {
  const folder = join(projectDir, APPS_FOLDER, app);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), page);
  utimesSync(join(folder, 'index.html'), time, time);
}

const list = async () => (await appRoutes({ projectDir }).request('/apps')).json();

it('lists the apps with their titles, the last changed first', async () => {
  expect(await list()).toEqual({ apps: [] });
  write('old', '<title>Tom &amp; Jerry&#39;s &#x1F600;\n page</title>', 1000);
  write('new', `<p>${'x'.repeat(50_000)}<title>too late</title>`, 2000);
  expect(await list()).toEqual({
    apps: [
      { name: 'new', title: 'new', path: `${APPS_FOLDER}/new`, updatedAt: '1970-01-01T00:33:20.000Z' },
      {
        name: 'old',
        title: "Tom & Jerry's 😀 page",
        path: `${APPS_FOLDER}/old`,
        updatedAt: '1970-01-01T00:16:40.000Z',
      },
    ],
  });
});

it('leaves out what is no app', async () => {
  write('_hidden', '<title>no</title>', 1);
  write('with space', '<title>no</title>', 1);
  mkdirSync(join(projectDir, APPS_FOLDER, 'empty'));
  mkdirSync(join(projectDir, APPS_FOLDER, 'folder', 'index.html'), { recursive: true });
  symlinkSync('/etc', join(projectDir, APPS_FOLDER, 'link'));
  expect(await list()).toEqual({ apps: [] });
});
