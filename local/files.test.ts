import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { removeFolder } from './files.ts';

it('removes a folder with links in it, and nothing that they lead to', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'shmastra-files-'));
  const [folder, kept] = [path.join(root, 'folder'), path.join(root, 'kept')];
  await mkdir(path.join(folder, 'deep'), { recursive: true });
  await mkdir(kept);
  await writeFile(path.join(kept, 'file'), 'kept');
  await symlink(kept, path.join(folder, 'deep', 'link'));
  await removeFolder(folder);
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(path.join(kept, 'file'))).toBe(true);
  await rm(root, { recursive: true });
});
