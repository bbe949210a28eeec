import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { root } from '../bootstrap/node.mjs';

const run = promisify(execFile);
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Lints these files in an empty checkout with our rule alone; returns what oxlint reported. */
async function lint(files: Record<string, string>): Promise<string> {
  const checkout = await mkdtemp(path.join(tmpdir(), 'folders-'));
  folders.push(checkout);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(checkout, file)), { recursive: true });
    await writeFile(path.join(checkout, file), text);
  }
  const config = {
    jsPlugins: [path.join(root, 'scripts/lint/folders.js')],
    categories: { correctness: 'off' },
    rules: { 'folders/imports': ['error', { root: checkout }] },
  };
  await writeFile(path.join(checkout, '.oxlintrc.json'), JSON.stringify(config));
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    await run(process.execPath, [oxlint, '-f', 'unix'], { cwd: checkout });
    return '';
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

test('an import against the direction fails, in each form', async () => {
  const report = await lint({
    'lib/a.ts': `import { front } from '../server/front.ts';\nfront();`,
    'engine/b.ts': `export * from '../lib/errors.ts';`,
    'lib/c.ts': `import type { Runtime } from '@shmastra/engine/runtime.ts';\nexport type R = Runtime;`,
    'app/d.tsx': `const server = await import('../server/web.ts');\nserver.start();`,
  });
  expect(report).toContain('lib/ may import nothing of ours outside itself, not from server/.');
  expect(report).toContain('engine/ may import nothing of ours outside itself, not from lib/.');
  expect(report).toContain('lib/ may import nothing of ours outside itself, not from engine/.');
  expect(report).toContain('app/ may import only from itself and lib, components, not from server/.');
  expect(report).toContain('4 problems');
});

test('imports along the direction, packages and tests pass', async () => {
  const report = await lint({
    'server/a.ts': `import { settings } from '../lib/settings.ts';\nimport { request } from 'undici';\nsettings(request);`,
    'lib/sandbox/b.ts': `import { status } from './status.ts';\nimport { open } from '../db/open.ts';\nopen(status);`,
    'lib/sandbox/b.integration.test.ts': `import { start } from '../../local/postgres.ts';\nstart();`,
  });
  expect(report).toBe('');
});
