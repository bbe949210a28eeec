import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE, run, TEMPLATE, type Tools } from './tools.ts';

/** Makes a copy of the starter project with its packages, and more, installed; they are linked from a store that stays. */
export async function copyProject(
  { pnpm, path }: Tools,
  dependencies: string[] = [],
): Promise<{ projectDir: string; remove: () => Promise<void> }> {
  // Outside the checkout, whose own packages must not be found in place of the project's.
  const projectDir = await mkdtemp(join(tmpdir(), 'project-'));
  await cp(join(TEMPLATE, 'project'), projectDir, {
    recursive: true,
    filter: (file) => !/node_modules|\.mastra|\.data/.test(file),
  });
  const options = { cwd: projectDir, env: { ...process.env, PATH: path }, maxBuffer: 16 * 1024 * 1024 };
  const store = ['--prefer-offline', '--store-dir', join(CACHE, 'store')];
  await run(pnpm, ['install', '--frozen-lockfile', ...store], options);
  if (dependencies.length > 0) await run(pnpm, ['add', ...store, ...dependencies], options);
  return { projectDir, remove: () => rm(projectDir, { recursive: true, force: true, maxRetries: 5 }) };
}
