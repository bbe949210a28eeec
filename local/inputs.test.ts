import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStamps, hashInputs } from './inputs.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'inputs-'));
  await mkdir(path.join(root, 'template/node_modules/x'), { recursive: true });
  await writeFile(path.join(root, 'template/start.sh'), 'echo');
  await writeFile(path.join(root, 'template/node_modules/x/index.js'), '1');
  await symlink('start.sh', path.join(root, 'template/link'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const hash = () => hashInputs(root, ['template', 'missing'], ['v1']);

test('content, name, mode, links and extras change the hash', async () => {
  const seen = new Set([await hash()]);
  await writeFile(path.join(root, 'template/start.sh'), 'echo 2');
  seen.add(await hash());
  await chmod(path.join(root, 'template/start.sh'), 0o755);
  seen.add(await hash());
  await writeFile(path.join(root, 'template/new'), '');
  seen.add(await hash());
  await rm(path.join(root, 'template/link'));
  await symlink('new', path.join(root, 'template/link'));
  seen.add(await hash());
  seen.add(await hashInputs(root, ['template'], ['v2']));
  expect(seen.size).toBe(6);
});

test('installed packages and tests do not', async () => {
  const before = await hash();
  await writeFile(path.join(root, 'template/node_modules/x/index.js'), '2');
  await writeFile(path.join(root, 'template/start.test.ts'), '');
  expect(await hash()).toBe(before);
});

test('a stamp says whether a step was done with these inputs, and is gone while it runs', async () => {
  const stamps = createStamps(path.join(root, 'stamps.json'));
  expect(await stamps.isCurrent('template', 'a')).toBe(false);
  await Promise.all([stamps.set('template', 'a'), stamps.set('next', 'n')]);
  expect(await stamps.isCurrent('template', 'a')).toBe(true);
  expect(await stamps.isCurrent('template', 'b')).toBe(false);
  await stamps.clear('template');
  expect(await stamps.isCurrent('template', 'a')).toBe(false);
  expect(await stamps.isCurrent('next', 'n')).toBe(true);
});
