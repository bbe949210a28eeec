import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds src/mastra. `mastra dev` and `mastra start` change into other folders; a build that was copied to a server has none. */
export function projectRoot(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'src/mastra'))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}
