import type { Readable } from 'node:stream';
import { ApiError } from '../errors.ts';
import type { Git } from '../history/git.ts';
import type { History } from '../history/history.ts';
import { isSecretFile, readable, type TreeChange } from '../history/tree-changes.ts';
import { LIMITS } from './limits.ts';
import { secretInFile } from './refusals.ts';
import { findSecret } from './scan-objects.ts';
import { variableNames, withNames, type Secret } from './secret-values.ts';
import { leadsOutside } from './symlinks.ts';

type Entry = { path: string; mode: string; object: string; bytes: number };

const EXAMPLE = '.env.example';
const SYMLINK = '120000';

/**
 * The project as a ZIP archive: what git would keep of its files as they are now, without secrets. All of it is taken
 * from one tree, so that what was looked through for secrets is what goes out. Throws `secret_in_file`.
 */
export async function exportZip(history: History, projectDir: string, secrets: Secret[]): Promise<Readable> {
  const { tree, git } = await history.snapshot();
  const entries = await listEntries(git, tree);
  const changes: TreeChange[] = [];
  const kept: Entry[] = [];
  for (const entry of entries) {
    if (await isLeftOut(git, entry)) changes.push({ path: entry.path, from: entry, to: undefined, status: 'D' });
    else kept.push(entry);
  }
  refuseTooLarge(kept);
  const example = await exampleFile(git, projectDir, kept);
  if (example !== undefined) changes.push(example);
  const exported = await history.changedTree(tree, changes);

  const names = (await listEntries(git, exported)).map(({ object, path }) => ({ object, name: readable(path) }));
  const found = await findSecret(git, names, secrets);
  if (found !== undefined) throw secretInFile(found);
  return git.stream(['archive', '--format=zip', exported]);
}

async function listEntries(git: Git, tree: string): Promise<Entry[]> {
  const output = await git.run(['ls-tree', '-r', '-z', '--long', '--full-tree', tree]);
  return output.stdout
    .toString('latin1')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', object = '', bytes = '', path = ''] = /^(\d+) \w+ (\w+) +(-|\d+)\t(.*)$/s.exec(line) ?? [];
      return path === '' ? [] : [{ path, mode, object, bytes: Number(bytes) || 0 }];
    });
}

async function isLeftOut(git: Git, { path, mode, object }: Entry): Promise<boolean> {
  // Mastra builds with the package manager whose lock file it finds, and elsewhere there is npm for sure.
  if (isSecretFile(path) || path === 'pnpm-lock.yaml') return true;
  // Other repositories inside of this one: their files are not here.
  if (mode === '160000') return true;
  return mode === SYMLINK && leadsOutside(path, await git.text(['cat-file', 'blob', object], { maxBytes: 4096 }));
}

/** .env.example with the names of all that is set here, for whoever runs the project elsewhere. */
async function exampleFile(git: Git, projectDir: string, entries: Entry[]): Promise<TreeChange | undefined> {
  const present = entries.find(({ path }) => path === EXAMPLE);
  if (present !== undefined && present.mode === SYMLINK) return undefined;
  const text =
    present === undefined
      ? ''
      : await git.run(['cat-file', 'blob', present.object]).then(({ stdout }) => stdout.toString('utf8'));
  const next = withNames(text, await variableNames(projectDir));
  if (next === text) return undefined;
  const object = await git.text(['hash-object', '-w', '--stdin'], { input: next });
  return { path: EXAMPLE, from: present, to: { mode: present?.mode ?? '100644', object }, status: 'M' };
}

function refuseTooLarge(entries: Entry[]): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes <= LIMITS.unpackedBytes && entries.length <= LIMITS.files) return;
  throw new ApiError(
    413,
    'export_too_large',
    'The project is too large to export: more than 200 MB, or than 5,000 files.',
    {
      next: 'Add what need not be exported to .gitignore, then try again.',
    },
  );
}
