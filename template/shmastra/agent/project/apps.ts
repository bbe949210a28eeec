import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The names of the web apps in the project. */
export async function listApps(projectDir: string): Promise<string[]> {
  const folder = join(projectDir, 'src', 'mastra', 'public', 'apps');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
    .slice(0, 200);
}
