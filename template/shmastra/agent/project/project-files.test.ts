import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ToolError } from '../tools/tool.ts';
import { ProjectFiles } from './project-files.ts';

let outside: string;
let folder: string;
let files: ProjectFiles;
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'files-'));
  folder = join(outside, 'project');
  await mkdir(join(folder, 'src/mastra'), { recursive: true });
  await writeFile(join(outside, 'secret.txt'), 'outside');
  await writeFile(join(folder, 'src/a.ts'), 'one\ntwo\nthree\n');
  files = new ProjectFiles(folder);
});
afterEach(() => rm(outside, { recursive: true, force: true }));

describe('paths', () => {
  test.each(['../secret.txt', '/etc/passwd', 'src/../../secret.txt', 'src/\0', '.git/config', 'src/.git/hooks/x'])(
    'refuses %j for reading and writing',
    async (path) => {
      await expect(files.read(path)).rejects.toThrow(ToolError);
      await expect(files.write(path, 'x')).rejects.toThrow(ToolError);
      await expect(files.edit(path, 'outside', 'x', false)).rejects.toThrow(ToolError);
      await expect(files.remove(path, true)).rejects.toThrow(ToolError);
      expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('outside');
    },
  );

  test('follows no link out of the project', async () => {
    await symlink(outside, join(folder, 'out'));
    await symlink(join(outside, 'secret.txt'), join(folder, 'file'));
    await symlink(join(outside, 'new.txt'), join(folder, 'dangling'));
    for (const path of ['out/secret.txt', 'out/new.txt', 'file', 'dangling']) {
      await expect(files.read(path)).rejects.toThrow(ToolError);
      await expect(files.write(path, 'x')).rejects.toThrow(ToolError);
    }
    await expect(stat(join(outside, 'new.txt'))).rejects.toThrow('ENOENT');
    await expect(files.list('out', 2)).rejects.toThrow('outside of the project');
  });

  test('a link inside of the project counts as what it leads to', async () => {
    await writeFile(join(folder, '.env'), 'KEY=the-value-of-it\n');
    await symlink('.env', join(folder, 'innocent.txt'));
    expect((await files.read('innocent.txt')).content).toBe('# The values are hidden. Set: KEY');
    await expect(files.write('innocent.txt', 'x')).rejects.toThrow('ask_env_vars');
  });
});

describe('reading', () => {
  test('gives the lines that are wanted', async () => {
    expect(await files.read('src/a.ts', 2, 1)).toEqual({
      path: 'src/a.ts',
      content: 'two',
      firstLine: 2,
      totalLines: 4,
      truncated: true,
    });
    expect((await files.read(join(folder, 'src/a.ts'))).truncated).toBe(false);
  });

  test.each([
    ['binary', Buffer.from([65, 0, 66]), 'binary'],
    ['of another encoding', Buffer.from([0xff, 0xfe, 0x41]), 'not a text file'],
    ['too large', Buffer.alloc(3 * 1024 * 1024, 65), 'too much'],
  ])('says what is wrong with a file that is %s', async (_name, bytes, words) => {
    await writeFile(join(folder, 'file'), bytes);
    await expect(files.read('file')).rejects.toThrow(words);
  });

  test('shows names of .env files only', async () => {
    await writeFile(join(folder, '.env.local'), "B=1\nexport A='x y'\n");
    expect((await files.read('.env.local')).content).toBe('# The values are hidden. Set: A, B');
    await writeFile(join(folder, '.env.example'), 'A=\n');
    expect((await files.read('.env.example')).content).toBe('A=\n');
  });

  test('is bounded for long lines', async () => {
    await writeFile(join(folder, 'long'), 'x'.repeat(200_000));
    const { content, truncated } = await files.read('long');
    expect([content.length, truncated]).toEqual([50_000, true]);
  });
});

describe('writing', () => {
  test('makes folders, and keeps the mode of a file', async () => {
    expect(await files.write('src/new/b.ts', 'x\n')).toEqual({ path: 'src/new/b.ts', created: true, lines: 2 });
    await chmod(join(folder, 'src/new/b.ts'), 0o755);
    expect((await files.write('src/new/b.ts', 'y')).created).toBe(false);
    expect((await stat(join(folder, 'src/new/b.ts'))).mode & 0o777).toBe(0o755);
    await expect(files.write('node_modules/x/index.js', '')).rejects.toThrow('node_modules');
    await expect(files.write('src', '')).rejects.toThrow('folder');
  });

  test('edits what is there once, with the text as it stands', async () => {
    expect(await files.edit('src/a.ts', 'two', '$& $1', false)).toEqual({ path: 'src/a.ts', line: 2, replaced: 1 });
    expect(await readFile(join(folder, 'src/a.ts'), 'utf8')).toBe('one\n$& $1\nthree\n');
    await expect(files.edit('src/a.ts', 'four', 'x', false)).rejects.toThrow('is not in src/a.ts');
    await expect(files.edit('src/a.ts', 'e', 'x', false)).rejects.toThrow('3 times');
    expect((await files.edit('src/a.ts', 'e', 'E', true)).replaced).toBe(3);
  });

  test('edits files with the line ends of Windows', async () => {
    await writeFile(join(folder, 'w.txt'), 'a\r\nb\r\n');
    await files.edit('w.txt', 'a\nb', 'a\nc', false);
    expect(await readFile(join(folder, 'w.txt'), 'utf8')).toBe('a\r\nc\r\n');
  });

  test('does not delete the project itself', async () => {
    await expect(files.remove('src/mastra', true)).rejects.toThrow('stays');
    await expect(files.remove('.', true)).rejects.toThrow('project itself');
    await files.write('src/old/x.ts', '');
    await expect(files.remove('src/old', false)).rejects.toThrow('recursive');
    await files.remove('src/old', true);
    await expect(files.read('src/old/x.ts')).rejects.toThrow('does not exist');
  });
});

test('lists what a project has, and says when there is more', async () => {
  await mkdir(join(folder, 'node_modules/x'), { recursive: true });
  expect(await files.list('.', 3)).toBe('src/\nsrc/a.ts\nsrc/mastra/');
  await Promise.all(Array.from({ length: 1000 }, (_, index) => writeFile(join(folder, `src/${index}.ts`), '')));
  expect(await files.list('src', 1)).toMatch(/… and 502 more/);
  await expect(files.list('src/a.ts', 1)).rejects.toThrow('not a folder');
});
