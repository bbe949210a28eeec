import { command } from '../runtime/command.ts';

/** What files or folders take of the disk, in bytes. What is linked into several of them counts for the first. */
export async function sizesOf(files: string[]): Promise<number[]> {
  if (files.length === 0) return [];
  const args = ['--summarize', '--one-file-system', '--block-size=1', '--', ...files];
  const lines = (await command('du', args, { timeoutMs: 300_000 })).trimEnd().split('\n');
  const sizes = new Map(
    lines.map((line): [string, number] => [line.slice(line.indexOf('\t') + 1), Number.parseInt(line)]),
  );
  return files.map((file) => sizes.get(file) ?? 0);
}
