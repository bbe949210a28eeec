import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';

const INDEX_FILES = ['index.ts', 'index.js', 'index.mts', 'index.mjs'];
const versions = z.optional(z.record(z.string(), z.string()));
const manifest = z.object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions });

/** Throws `not_a_mastra_project`, saying what is missing. */
export async function requireMastraProject(folder: string): Promise<void> {
  const packages = await readPackages(folder);
  if (packages === undefined) throw refuse('It has no package.json that could be read.');
  if (!('@mastra/core' in { ...packages.dependencies, ...packages.devDependencies })) {
    throw refuse('Its package.json does not name @mastra/core.');
  }
  const found = await Promise.all(INDEX_FILES.map((name) => isFile(join(folder, 'src', 'mastra', name))));
  if (!found.includes(true)) throw refuse('It has no src/mastra/index.ts.');
}

/** The packages that a project names, or undefined without a package.json that can be read. */
export async function readPackages(folder: string): Promise<z.infer<typeof manifest> | undefined> {
  try {
    const parsed = manifest.safeParse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

const refuse = (why: string) =>
  new ApiError(422, 'not_a_mastra_project', `This is not a Mastra project. ${why} Nothing was changed.`, {
    next: 'Import the folder that holds package.json and src/mastra.',
  });
