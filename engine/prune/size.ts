import { command } from '../runtime/command.ts';

/** What a file or folder takes of the disk, in bytes. */
export async function sizeOf(file: string): Promise<number> {
  const args = ['--summarize', '--one-file-system', '--block-size=1', file];
  return Number((await command('du', args, { timeoutMs: 300_000 })).split('\t')[0]);
}
