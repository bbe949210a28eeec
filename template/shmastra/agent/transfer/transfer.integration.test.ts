import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryProject } from '../testing/history-project.ts';
import { SMALL_PROJECT, writeZipBomb, zipOf, zipWithName } from '../testing/sample-archives.ts';
import { transferRoutes } from './routes.ts';

const VIRTUAL_KEY = 'vk_user_0123456789abcdef';
let project: HistoryProject;
let folder: string;
let installs: number;
let running: boolean;

beforeEach(async () => {
  project = new HistoryProject();
  folder = mkdtempSync(join(tmpdir(), 'transfer-'));
  installs = 0;
  running = false;
  await project.change('Start', {
    ...SMALL_PROJECT,
    '.gitignore': '.env\nnode_modules/\n',
    'pnpm-lock.yaml': 'lock\n',
  });
});
afterEach(() => {
  project.remove();
  rmSync(folder, { recursive: true, force: true });
});

const routes = () =>
  transferRoutes({
    history: project.history,
    projectDir: project.projectDir,
    isTurnRunning: () => running,
    workspaceSecrets: () => ({ VIRTUAL_KEY, OPENAI_BASE_URL: 'http://gateway.local/v1' }),
    installPackages: () => {
      installs++;
      return Promise.resolve();
    },
    afterChange: () => Promise.resolve({ ms: 5, revision: 2 }),
  });

async function download(format: string): Promise<string> {
  const response = await routes().request(`/export?format=${format}`);
  if (response.status !== 200) throw new Error(await response.text());
  const file = join(folder, `export.${format}`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return file;
}

/** Git's own archives are read by something else here: what unpacks them elsewhere is not ours either. */
function unzip(file: string): Record<string, string> {
  const target = join(folder, 'unzipped');
  const script = 'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
  execFileSync('python3', ['-c', script, file, target]);
  const names = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(target.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

type Answer = {
  status: number;
  body: { commit?: { kind: string }; notes?: string[]; error?: { code: string; message: string } };
};

async function upload(format: string, bytes: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const response = await routes().request(`/import?format=${format}`, { method: 'POST', body: bytes });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

describe('export', () => {
  it('holds the files as they are, and the names of what .env sets', async () => {
    project.write('.env', 'API_KEY=secret-value-1\nDEFAULT_MODEL=openai/gpt-5-mini\n');
    project.write('.env.example', '# API_KEY=\nOTHER=1');
    project.write('node_modules/x/index.js', 'x');
    project.write('with space.txt', 'uncommitted, openai/gpt-5-mini');
    symlinkSync('/etc/passwd', join(project.projectDir, 'outside'));
    symlinkSync('.env', join(project.projectDir, 'secret-link'));
    expect(unzip(await download('zip'))).toEqual({
      ...SMALL_PROJECT,
      '.gitignore': '.env\nnode_modules/\n',
      '.env.example': '# API_KEY=\nOTHER=1\nDEFAULT_MODEL=\n',
      'with space.txt': 'uncommitted, openai/gpt-5-mini',
    });
    const response = await routes().request('/export');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="small.zip"');
    await response.body?.cancel();
    expect(project.read('pnpm-lock.yaml')).toBe('lock\n');
    expect(await project.history.state()).toBe('changed');
  });

  it.each([
    ['a value of .env', 'secret-value-1'],
    ['the virtual key', VIRTUAL_KEY],
  ])('refuses while a file holds %s', async (_what, value) => {
    project.write('.env', 'API_KEY=secret-value-1\n');
    project.write('src/leak.ts', `${'// long\n'.repeat(100_000)}const key = '${value}';\n`);
    const response = await routes().request('/export');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      error: { code: 'secret_in_file', message: expect.stringContaining('src/leak.ts'), next: expect.any(String) },
    });
  });

  it('gives the history as a bundle, with what was not committed', async () => {
    project.write('later.txt', 'later');
    const clone = join(folder, 'clone');
    execFileSync('git', ['clone', '--quiet', await download('bundle'), clone], { stdio: 'pipe' });
    expect(readFileSync(join(clone, 'later.txt'), 'utf8')).toBe('later');
    expect(await project.history.state()).toBe('clean');
  });

  it('refuses a bundle with a secret in an earlier version, or with a .env', async () => {
    project.write('.env', 'API_KEY=secret-value-1\n');
    await project.change('Leak', { 'a.txt': 'secret-value-1' });
    await project.change('Clean up', { 'a.txt': 'clean' });
    await expect(download('bundle')).rejects.toThrow('secret_in_file');
    expect(unzip(await download('zip'))['a.txt']).toBe('clean');
    project.git('checkout', '--quiet', '--orphan', 'fresh');
    project.git('add', '--force', '.env');
    project.git('commit', '--quiet', '--all', '--message', 'By hand');
    await expect(download('bundle')).rejects.toThrow('“.env” is in the history');
  });
});

describe('import', () => {
  it('takes the place of the project in one commit that can be undone', async () => {
    project.write('.env', 'KEY=mine');
    project.write('mine.txt', 'not committed');
    const files = {
      ...SMALL_PROJECT,
      'package.json': '{"name":"b","dependencies":{"@mastra/core":"2.0.0"}}',
      'new.txt': 'n',
    };
    const skipped = { '.env': 'KEY=theirs', '.git/config': '[core]', 'node_modules/x/index.js': 'x' };
    const link = { link: { content: '/etc/passwd', mode: 0o120777 } };
    const { status, body } = await upload('zip', await zipOf({ ...files, ...skipped, ...link }));
    expect(status).toBe(200);
    expect(body).toMatchObject({ commit: { kind: 'import' }, live: { revision: 2 } });
    expect(body.notes).toEqual([
      '.env was left out: your own values stay',
      '.git was left out',
      'node_modules was left out',
      'Links were left out',
      'Its packages were installed',
    ]);
    expect(installs).toBe(1);
    expect(project.git('ls-files').split('\n')).toEqual(['new.txt', 'package.json', 'src/mastra/index.ts']);
    expect(project.read('.env')).toBe('KEY=mine');
    await project.history.undo();
    expect([project.read('mine.txt'), project.read('new.txt')]).toEqual(['not committed', undefined]);
  });

  it('takes what was exported, as ZIP with a folder around it or as bundle', async () => {
    const bundle = readFileSync(await download('bundle'));
    await project.change('Later', { 'later.txt': 'later' });
    expect(await upload('bundle', bundle)).toMatchObject({ status: 200, body: { notes: [] } });
    expect(project.read('later.txt')).toBeUndefined();
    expect(await upload('bundle', bundle)).toMatchObject({
      status: 409,
      body: { error: { code: 'nothing_to_import' } },
    });
    const inFolder = Object.entries(SMALL_PROJECT).map(([name, content]) => [`folder/${name}`, content]);
    expect(await upload('zip', await zipOf({ ...Object.fromEntries(inFolder), 'folder/x.txt': 'x' }))).toMatchObject({
      status: 200,
    });
    expect(project.read('x.txt')).toBe('x');
  });

  it.each([
    ['a name that leads out', () => zipWithName('../evil'), 422],
    ['an absolute name', () => zipWithName('/tmp/evil'), 422],
    ['no archive', () => Promise.resolve(Buffer.from('nothing of the kind')), 422],
    ['no Mastra project', () => zipOf({ 'readme.md': 'hello' }), 422],
    ['no package.json with Mastra', () => zipOf({ ...SMALL_PROJECT, 'package.json': '{"name":"x"}' }), 422],
    ['two entries of one name', () => zipOf({ ...SMALL_PROJECT, a: '1', 'a/b': '2' }), 422],
    [
      'too many files',
      () => zipOf(Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [`f/${index}`, '']))),
      413,
    ],
    ['too much for an upload', () => Promise.resolve(Buffer.alloc(50 * 1024 * 1024 + 1)), 413],
  ])('refuses %s, and changes nothing', async (_what, make, status) => {
    const answer = await upload('zip', await make());
    expect(answer.status).toBe(status);
    expect(answer.body.error?.message).toContain('Nothing was changed');
    expect(await project.history.state()).toBe('clean');
    expect((await project.history.list({ limit: 1 }))[0]).toMatchObject({ message: 'Start' });
  });

  it('stops at an archive that unpacks to more than 200 MB', async () => {
    const bomb = join(folder, 'bomb.zip');
    await writeZipBomb(bomb, 250);
    const bytes = readFileSync(bomb);
    expect(bytes.length).toBeLessThan(1024 * 1024);
    expect(await upload('zip', bytes)).toMatchObject({ status: 413, body: { error: { code: 'import_too_large' } } });
  });

  it('refuses a bundle that git cannot read, and anything during a turn', async () => {
    expect(await upload('bundle', Buffer.from('# v2 git bundle\nnonsense'))).toMatchObject({ status: 422 });
    running = true;
    expect(await upload('zip', await zipOf(SMALL_PROJECT))).toMatchObject({
      status: 409,
      body: { error: { code: 'turn_running' } },
    });
  });
});
