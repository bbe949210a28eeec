import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryProject } from '../testing/history-project.ts';

let project: HistoryProject;

beforeEach(async () => {
  project = new HistoryProject();
  await project.change('One', { 'a.txt': '1' });
});
afterEach(() => project.remove());

const inGit = (...names: string[]) => join(project.projectDir, '.git', ...names);

describe('a repository that is damaged', () => {
  it('begins anew when it is missing, with all files in it', async () => {
    project.delete('.git');
    expect(await project.history.list()).toMatchObject([{ message: 'Start the history', files: 1 }]);
  });

  it('is kept aside and begins anew when its newest commit cannot be read', async () => {
    const hash = project.git('rev-parse', 'HEAD');
    rmSync(inGit('objects', hash.slice(0, 2), hash.slice(2)));
    project.write('b.txt', '2');
    expect(await project.history.list()).toMatchObject([
      { message: expect.stringContaining('a new history'), files: 2 },
    ]);
    const [kept] = readdirSync(join(project.projectDir, '.data'));
    expect(existsSync(join(project.projectDir, '.data', kept ?? '', 'HEAD'))).toBe(true);
    expect(await project.history.state()).toBe('clean');
  });

  it('gets a new index when the old one is damaged', async () => {
    truncateSync(inGit('index'), 20);
    project.write('b.txt', '2');
    expect(await project.history.state()).toBe('changed');
    expect(await project.history.commitAll({ message: 'Two', kind: 'change', by: 'agent' })).toMatchObject({
      files: 1,
    });
  });

  it('is left alone with words when only its settings are wrong', async () => {
    writeFileSync(inGit('config'), '[core\n');
    await expect(project.history.state()).rejects.toMatchObject({
      code: 'repository_broken',
      next: expect.stringContaining('.git/config'),
    });
  });

  it('takes a branch without a commit for no damage', async () => {
    project.git('checkout', '--quiet', '--orphan', 'other');
    await project.change('Fresh', { 'b.txt': '2' });
    expect(await project.history.list()).toMatchObject([{ message: 'Fresh', files: 2 }]);
  });
});

describe('a lock', () => {
  it('is removed when its git is gone', async () => {
    for (const name of ['index.lock', 'HEAD.lock', 'refs/heads/main.lock']) writeFileSync(inGit(name), '');
    await project.change('Two', { 'a.txt': '2' });
    expect(await project.history.undo()).toMatchObject({ message: 'Undo: Two' });
  });
});

describe('something half done', () => {
  it('is named, and neither committed nor undone', async () => {
    project.git('checkout', '--quiet', '-b', 'side');
    await project.change('Side', { 'a.txt': 'side' });
    project.git('checkout', '--quiet', 'main');
    await project.change('Main', { 'a.txt': 'main' });
    expect(() => project.git('merge', 'side')).toThrow('Command failed');
    expect(await project.history.state()).toBe('merging');
    const request = { message: 'No', kind: 'change', by: 'agent' } as const;
    await expect(project.history.commitAll(request)).rejects.toMatchObject({ status: 409, code: 'merge_in_progress' });
    await expect(project.history.undo()).rejects.toMatchObject({ code: 'merge_in_progress' });
    expect((await project.history.page()).commits[0]).toMatchObject({ message: 'Main' });
    project.git('merge', '--abort');
    expect(await project.history.state()).toBe('clean');
    project.git('bisect', 'start');
    expect(await project.history.state()).toBe('merging');
  });
});

it('runs no hook, filter or other program that the repository names', async () => {
  const trap = join(project.projectDir, '.git', 'trap');
  writeFileSync(trap, `#!/bin/sh\ntouch ${inGit('sprung')}\ncat\n`);
  chmodSync(trap, 0o755);
  mkdirSync(inGit('hooks'), { recursive: true });
  for (const hook of ['pre-commit', 'post-commit', 'reference-transaction', 'post-checkout', 'post-index-change']) {
    writeFileSync(inGit('hooks', hook), `#!/bin/sh\ntouch ${inGit('sprung')}\n`, { mode: 0o755 });
  }
  for (const key of ['filter.t.clean', 'filter.t.smudge', 'filter.t.process', 'core.fsmonitor', 'diff.t.textconv']) {
    project.git('config', key, trap);
  }
  for (const key of [
    'diff.t.command',
    'diff.external',
    'core.pager',
    'core.editor',
    'gpg.program',
    'core.sshCommand',
  ]) {
    project.git('config', key, trap);
  }
  project.git('config', 'filter.t.required', 'true');
  project.git('config', 'commit.gpgSign', 'true');
  project.git('config', 'log.showSignature', 'true');
  rmSync(inGit('sprung'), { force: true });
  await project.change('Two', { 'a.txt': '2', '.gitattributes': '* filter=t diff=t\n' });
  await project.history.diff('changes');
  await project.history.undo();
  await project.history.page();
  expect(project.read('a.txt')).toBe('1');
  expect(existsSync(inGit('sprung'))).toBe(false);
});

it('leaves out what cannot be added, and commits the rest', async () => {
  project.write('inner/file.txt', 'x');
  project.git('init', '--quiet', 'inner');
  expect(await project.change('Two', { 'b.txt': '2' })).toMatchObject({ files: 1 });
});
