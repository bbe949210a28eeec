import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const manifest = z.object({ name: z.string() });

/** The project's name for a file: that of its package.json, as far as it can stand in one. */
export async function projectName(projectDir: string): Promise<string> {
  try {
    const { name } = manifest.parse(JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8')));
    const cleaned = name
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[-.]+/, '')
      .slice(0, 60);
    return cleaned === '' ? 'project' : cleaned;
  } catch {
    return 'project';
  }
}
