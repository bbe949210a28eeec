import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { History } from './history.ts';

let projectDir: string;
let history: History;

beforeEach(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'history-'));
  history = new History({ projectDir });
});
afterEach(() => rmSync(projectDir, { recursive: true, force: true }));

const write = (name: string, text: string | Buffer) => writeFileSync(join(projectDir, name), text);
const git = (...args: string[]) => execFileSync('git', args, { cwd: projectDir, encoding: 'utf8' });

it('commits what has changed, and says who and what for', async () => {
  write('a.txt', 'one\n');
  expect(await history.state()).toBe('clean');
  write('b.txt', 'two\nlines\n');
  expect(await history.state()).toBe('changed');
  const commit = await history.commitAll({ message: 'Add b', kind: 'change', by: 'agent', sessionId: 's1' });
  expect(commit).toMatchObject({
    message: 'Add b',
    files: 1,
    added: 2,
    removed: 0,
    kind: 'change',
    by: 'agent',
    sessionId: 's1',
  });
  expect(await history.commitAll({ message: 'Nothing', kind: 'change', by: 'agent' })).toBeNull();
  expect(git('log', '-1', '--format=%an %B')).toContain('Shmastra Add b\n\nShmastra-Kind: change');
});
