import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryProject } from '../testing/history-project.ts';

let project: HistoryProject;

beforeEach(() => {
  project = new HistoryProject();
});
afterEach(() => project.remove());

const subjects = async () => (await project.history.list()).map(({ message }) => message);

describe('undo and redo', () => {
  it('goes back step by step, and forth again', async () => {
    await project.change('One', { 'a.txt': '1' });
    await project.change('Two', { 'a.txt': '2', 'deep/b.txt': 'b' });
    expect(await project.history.undoable()).toMatchObject({ message: 'Two' });
    expect(await project.history.redoable()).toBeNull();

    expect(await project.history.undo()).toMatchObject({ message: 'Undo: Two', kind: 'undo', by: 'you', files: 2 });
    expect([project.read('a.txt'), project.read('deep/b.txt')]).toEqual(['1', undefined]);
    await project.history.undo();
    expect(project.read('a.txt')).toBeUndefined();
    const { commits, undone } = await project.history.page();
    const messages = commits.flatMap(({ hash, message }) => (undone.includes(hash) ? [message] : []));
    expect(messages).toEqual(['Two', 'One']);
    await expect(project.history.undo()).rejects.toMatchObject({ status: 404, code: 'nothing_to_undo' });

    expect(await project.history.redo()).toMatchObject({ message: 'Redo: One', kind: 'redo' });
    expect(await project.history.redo()).toMatchObject({ message: 'Redo: Two' });
    expect([project.read('a.txt'), project.read('deep/b.txt')]).toEqual(['2', 'b']);
    await expect(project.history.redo()).rejects.toMatchObject({ code: 'nothing_to_undo' });
    expect(await project.history.undo()).toMatchObject({ message: 'Undo: Two' });
    expect(await project.history.state()).toBe('clean');
  });

  it('ends redo with a new change, and then goes back past what is undone', async () => {
    await project.change('One', { 'a.txt': '1' });
    await project.change('Two', { 'a.txt': '2' });
    await project.history.undo();
    await project.change('Three', { 'a.txt': '3' });
    expect(await project.history.redoable()).toBeNull();
    await project.history.undo();
    expect(project.read('a.txt')).toBe('1');
    expect(await project.history.undoable()).toMatchObject({ message: 'One' });
    expect(await project.history.redoable()).toMatchObject({ message: 'Three' });
  });

  it('commits what was edited by hand first, and keeps edits of other files', async () => {
    await project.change('One', { 'a.txt': '1' });
    await project.change('Two', { 'a.txt': '2' });
    project.write('mine.txt', 'mine');
    await project.history.undo();
    expect([project.read('a.txt'), project.read('mine.txt')]).toEqual(['1', 'mine']);
    expect((await subjects()).slice(0, 3)).toEqual(['Undo: Two', 'Edits by hand', 'Two']);
  });

  it('refuses to overwrite later edits of the same file, and says which', async () => {
    await project.change('One', { 'a.txt': '1', 'b.txt': 'b' });
    project.write('a.txt', 'by hand');
    await expect(project.history.undo()).rejects.toMatchObject({
      status: 409,
      code: 'undo_conflict',
      message: expect.stringContaining('“a.txt” has been changed since'),
    });
    expect([project.read('a.txt'), project.read('b.txt')]).toEqual(['by hand', 'b']);
    // What somebody has taken back by hand is no conflict.
    project.delete('a.txt');
    await project.history.undo();
    expect(project.read('b.txt')).toBeUndefined();
  });

  it('refuses when a folder is by now where a file would come back', async () => {
    await project.change('One', { name: 'file' });
    project.delete('name');
    await project.change('Two', { 'other.txt': '1' });
    project.write('name/inside.txt', 'mine');
    await expect(project.history.undo()).rejects.toMatchObject({ code: 'undo_conflict' });
    expect(project.read('name/inside.txt')).toBe('mine');
  });

  it('turns a file into a folder and back', async () => {
    await project.change('File', { name: 'file' });
    project.delete('name');
    await project.change('Folder', { 'name/inside.txt': 'in' });
    await project.history.undo();
    expect(project.read('name')).toBe('file');
    await project.history.redo();
    expect(project.read('name/inside.txt')).toBe('in');
  });
});

describe('restore', () => {
  it('makes the files as they were, as a new version that can be undone', async () => {
    const one = await project.change('One', { 'a.txt': '1' });
    await project.change('Two', { 'a.txt': '2', 'b.txt': 'b' });
    expect(await project.history.restore(one.hash)).toMatchObject({ message: 'Restore: One', kind: 'restore' });
    expect([project.read('a.txt'), project.read('b.txt')]).toEqual(['1', undefined]);
    await expect(project.history.restore(one.hash)).rejects.toMatchObject({ code: 'already_restored' });
    await project.history.undo();
    expect([project.read('a.txt'), project.read('b.txt')]).toEqual(['2', 'b']);
    await expect(project.history.restore('f'.repeat(40))).rejects.toMatchObject({ status: 404 });
    await expect(project.history.restore('--all')).rejects.toMatchObject({ status: 404 });
  });

  it('leaves secrets and ignored files as they are, even those that an old version holds', async () => {
    await project.history.state();
    project.write('.env', 'KEY=old');
    project.write('data', 'was a file');
    project.git('add', '--force', '.env', 'data');
    project.git('commit', '--quiet', '--message', 'By hand');
    const [old] = await project.history.list();
    project.git('rm', '--quiet', '--cached', '.env', 'data');
    project.delete('data');
    await project.change('Ignore data', { '.gitignore': 'data\n', '.env': 'KEY=new', 'data/rows.db': 'rows' });
    await project.history.restore(old?.hash ?? '');
    expect(project.read('.env')).toBe('KEY=new');
    expect(project.read('data/rows.db')).toBe('rows');
    expect(project.read('.gitignore')).toBeUndefined();
  });
});

it('works with a thousand files and with odd names', async () => {
  const odd = ['-x', '--all', 'with space', 'new\nline', 'tab\there', 'ünïcode 🙂', '"quoted"', 'a\\b', ':(top)x', '*'];
  await project.history.state();
  for (let index = 0; index < 1000; index++) project.write(`many/${index % 20}/file-${index}.txt`, `${index}\n`);
  await project.change('Many', Object.fromEntries(odd.map((name) => [name, `${name}\n`])));
  // A name that is no UTF-8.
  writeFileSync(Buffer.concat([Buffer.from(`${project.projectDir}/`), Buffer.from([0x66, 0xff])]), 'bytes');
  mkdirSync(join(project.projectDir, 'empty'));
  await project.change('Change', Object.fromEntries(odd.map((name) => [name, 'changed\n'])));
  const { files } = await project.history.diff((await project.history.list({ limit: 1 }))[0]?.hash ?? '');
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(odd));
  await project.history.undo();
  expect(odd.map((name) => project.read(name))).toEqual(odd.map((name) => `${name}\n`));
  await project.history.undo();
  // The commit that the history began with holds nothing.
  expect(project.git('ls-files', '--', 'many').split('\n')[0]).toBe('');
  await project.history.redo();
  expect(project.git('ls-files', '--', 'many').split('\n')).toHaveLength(1000);
}, 60_000);
