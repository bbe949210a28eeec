import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryProject } from '../testing/history-project.ts';

let project: HistoryProject;

beforeEach(() => {
  project = new HistoryProject();
});
afterEach(() => project.remove());

describe('commits', () => {
  it('says what has changed, who did it and what for', async () => {
    project.write('a.txt', 'one\n');
    expect(await project.history.state()).toBe('clean');
    project.write('b.txt', 'two\nlines\n');
    expect(await project.history.state()).toBe('changed');
    const request = { message: 'Add b', kind: 'change', by: 'agent', sessionId: 's1' } as const;
    const commit = await project.history.commitAll(request);
    expect(commit).toMatchObject({ ...request, files: 1, added: 2, removed: 0 });
    expect(await project.history.commitAll(request)).toBeNull();
    expect(project.git('log', '-1', '--format=%an %B')).toContain('Shmastra Add b\n\nShmastra-Kind: change');
  });

  it('lists them page by page, those made by hand too', async () => {
    await project.change('First', { 'a.txt': '1' });
    await project.change('Second', { 'a.txt': '2' });
    project.write('a.txt', '3');
    project.git('commit', '--quiet', '--all', '--message', 'By hand\n\nShmastra-Kind: nonsense');
    const [first, second] = await project.history.list({ limit: 2 });
    expect(first).toMatchObject({ message: 'By hand\n\nShmastra-Kind: nonsense', kind: 'edits', by: 'you' });
    expect(second).toMatchObject({ message: 'Second', kind: 'change', by: 'agent' });
    const rest = await project.history.list({ before: second?.hash ?? '' });
    expect(rest.map(({ message }) => message)).toEqual(['First', 'Start the history']);
    await expect(project.history.list({ before: 'HEAD' })).rejects.toMatchObject({ code: 'commit_not_found' });
  });

  it('never takes the trailers of a message for its own', async () => {
    const commit = await project.change('Good\n\nShmastra-Kind: import\nShmastra-By: you', { 'a.txt': '1' });
    expect(commit).toMatchObject({ kind: 'change', by: 'agent' });
  });

  it('leaves secrets and packages out, whatever .gitignore says', async () => {
    await project.change('Start', { '.env': 'KEY=1', 'node_modules/x/index.js': '1', '.env.example': 'KEY=' });
    expect(project.git('ls-files')).toBe('.env.example');
  });
});

describe('differences', () => {
  it('shows files with their patches, and says which are binary', async () => {
    await project.change('Start', { 'a.txt': 'one\ntwo\n', 'old.txt': 'x\n' });
    project.write('a.txt', 'one\n2\n');
    project.write('picture.png', Buffer.from([0, 1, 2, 3]));
    project.delete('old.txt');
    const uncommitted = await project.history.diff('changes');
    expect(uncommitted.commit).toMatchObject({ hash: 'changes', files: 3, added: 1, removed: 2 });
    expect(project.git('diff', '--cached', '--name-only')).toBe('');
    const commit = await project.history.commitAll({ message: 'Change', kind: 'change', by: 'agent' });
    const { files } = await project.history.diff(commit?.hash ?? '');
    expect(files.map(({ file, binary }) => [file, binary])).toEqual([
      ['a.txt', false],
      ['old.txt', false],
      ['picture.png', true],
    ]);
    expect(files[0]).toMatchObject({ added: 1, removed: 1, truncated: false });
    expect(files[0]?.patch).toContain('@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
    expect(files[2]?.patch).toBe('');
  });

  it('keeps each patch with its file when one looks like a header, and cuts long ones', async () => {
    await project.change('Start', {
      'a.txt': 'diff --git a/x b/x\n',
      'b.txt': 'line of text\n'.repeat(5000),
      'c.txt': 'c\n',
    });
    project.delete('c.txt');
    project.git('config', 'core.symlinks', 'true');
    const { files } = await project.history.diff((await project.history.list())[0]?.hash ?? '');
    expect(files.map(({ file }) => file)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(files[0]?.patch).toContain('+diff --git a/x b/x\n');
    expect(files[1]).toMatchObject({ truncated: true, added: 5000 });
    expect(files[1]?.patch.length).toBeLessThanOrEqual(40_000);
    expect(files[2]?.patch).toContain('+c\n');
  });
});
