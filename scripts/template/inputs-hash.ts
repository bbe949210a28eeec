import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, matchesGlob, relative } from 'node:path';

/** What goes into the template, and what says how. */
const INPUTS = ['template/project', 'template/shmastra', 'scripts/sandbox', 'scripts/template'];
const HASH_LENGTH = 12;

/** A short hash over the content, names and executable bits of all that goes into the template. */
export async function hashInputs(root: string, ignored: string[]): Promise<string> {
  const hash = createHash('sha256');
  const files = (await Promise.all(INPUTS.map((input) => listFiles(join(root, input))))).flat();
  for (const file of files.sort()) {
    const name = relative(root, file);
    if (ignored.some((pattern) => matchesGlob(name, pattern))) continue;
    const [content, { mode }] = await Promise.all([readFile(file), stat(file)]);
    hash.update(`${name}\0${mode & 0o111}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, HASH_LENGTH);
}

async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files.push(...(await listFiles(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}
