import { mkdir } from 'node:fs/promises';
import { Git, GitError } from '../history/git.ts';
import { isSecretFile, readable } from '../history/tree-changes.ts';
import { reasonToSkip, refuse, type ImportCount } from './import-names.ts';

const FETCH_TIMEOUT_MS = 60_000;
const FILE = /^100(644|755|664)$/;
const WANTED = ['HEAD', 'refs/heads/main', 'refs/heads/master'];

/** Puts the files of a git bundle's newest commit into an empty folder. `scratch` is for the repository that it takes. */
export async function unpackBundle(file: string, folder: string, scratch: string, count: ImportCount): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const git = new Git(folder, scratch);
  try {
    await git.run(['init', '--quiet', '--template=']);
    const ref = chooseRef(await git.text(['bundle', 'list-heads', file]));
    // One pack, however many objects it holds, and nothing in it that git itself would not write.
    const checks = ['fetch.fsckObjects=true', 'fetch.unpackLimit=1', 'core.bigFileThreshold=10m', 'pack.threads=1'];
    await git.run(
      [...checks.flatMap((setting) => ['-c', setting]), 'fetch', '--quiet', '--no-tags', file, `${ref}:refs/import`],
      {
        timeoutMs: FETCH_TIMEOUT_MS,
      },
    );
    await checkOut(git, count);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw refuse(`Git cannot read it: ${error.stderr.trim().split('\n')[0]?.slice(0, 200) ?? ''}.`);
  }
}

function chooseRef(heads: string): string {
  const refs = heads.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
  const found = WANTED.find((ref) => refs.includes(ref)) ?? refs.find((ref) => ref.startsWith('refs/heads/'));
  if (found === undefined || !/^(HEAD|refs\/heads\/[^\s:^~?*[\\]+)$/.test(found)) throw refuse('It holds no branch.');
  return found;
}

async function checkOut(git: Git, count: ImportCount): Promise<void> {
  const listed = await git.run(['ls-tree', '-r', '-z', '--long', '--full-tree', 'refs/import']);
  const lines: string[] = [];
  for (const line of listed.stdout.toString('latin1').split('\0').filter(Boolean)) {
    const [, mode = '', object = '', bytes = '', path = ''] = /^(\d+) \w+ (\w+) +(-|\d+)\t(.*)$/s.exec(line) ?? [];
    const skipped = reasonToSkip(readable(path)) ?? (isSecretFile(path) ? 'Secrets were left out' : undefined);
    if (skipped !== undefined) count.note(skipped);
    else if (!FILE.test(mode))
      count.note(mode === '120000' ? 'Links were left out' : 'Repositories inside of it were left out');
    else {
      count.file();
      count.bytes(Number(bytes));
      lines.push(`${mode} ${object}\t${path}\0`);
    }
  }
  await git.run(['read-tree', '--empty']);
  await git.run(['update-index', '-z', '--index-info'], { input: Buffer.from(lines.join(''), 'latin1') });
  await git.run(['checkout-index', '--all', '--quiet']);
}
