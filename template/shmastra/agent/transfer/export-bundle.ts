import type { Readable } from 'node:stream';
import { ApiError } from '../errors.ts';
import type { Git } from '../history/git.ts';
import type { History } from '../history/history.ts';
import { isSecretFile, readable } from '../history/tree-changes.ts';
import { secretInHistory } from './refusals.ts';
import { findSecret, type NamedObject } from './scan-objects.ts';
import type { Secret } from './secret-values.ts';

const MAX_OBJECTS = 100_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const LIST_BYTES = 64 * 1024 * 1024;

/** The branch that is checked out, with all of its history. Looks through every version for secrets: throws `secret_in_file`. */
export async function exportBundle(history: History, secrets: Secret[]): Promise<Readable> {
  const { git } = await history.snapshot();
  const objects = await listObjects(git);
  const committed = objects.find(({ name }) => isSecretFile(name));
  if (committed !== undefined) throw secretInHistory({ file: committed.name, secret: undefined });
  await refuseTooLarge(git, objects);
  const found = await findSecret(git, objects, secrets);
  if (found !== undefined) throw secretInHistory(found);
  const branch = await git.run(['symbolic-ref', '--quiet', 'HEAD'], { allowed: [1] });
  const refs = ['HEAD', ...(branch.code === 0 ? [branch.stdout.toString('utf8').trim()] : [])];
  return git.stream(['bundle', 'create', '--quiet', '-', ...refs]);
}

/** Everything that belongs to the history: commits, with their messages, and each version of each file. */
async function listObjects(git: Git): Promise<NamedObject[]> {
  const output = await git.run(['rev-list', '--objects', '--end-of-options', 'HEAD'], { maxBytes: LIST_BYTES });
  const lines = output.stdout.toString('latin1').split('\n').filter(Boolean);
  if (lines.length > MAX_OBJECTS) throw tooLarge();
  return lines.map((line) => {
    const [object = ''] = line.split(' ', 1);
    const path = readable(line.slice(object.length + 1));
    return { object, name: path === '' ? `commit ${object.slice(0, 8)}` : path };
  });
}

async function refuseTooLarge(git: Git, objects: NamedObject[]): Promise<void> {
  const input = objects.map(({ object }) => `${object}\n`).join('');
  const sizes = await git.text(['cat-file', '--batch-check=%(objectsize)', '--buffer'], { input });
  const bytes = sizes.split('\n').reduce((sum, size) => sum + (Number(size) || 0), 0);
  if (bytes > MAX_BYTES) throw tooLarge();
}

const tooLarge = () =>
  new ApiError(413, 'export_too_large', 'The history of this project is too large to look through for secrets.', {
    next: 'Export as ZIP, which holds the present files only.',
  });
