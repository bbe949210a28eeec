import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'widget');
const target = join(root, '.widget');

/** Makes `.widget/`: the chat widget as one script with a hash of its content in its name, and a manifest that names it. */
async function main(): Promise<void> {
  const started = performance.now();
  const inputs = await hashInputs();
  if ((await builtInputs()) === inputs) {
    console.log('The widget is up to date.');
    return;
  }
  const code = await bundle();
  const script = `widget-${createHash('sha256').update(code).digest('hex').slice(0, 12)}.js`;
  const staging = `${target}.${process.pid}`;
  await rm(staging, { recursive: true, force: true });
  try {
    await mkdir(staging);
    await writeFile(join(staging, script), code);
    await writeFile(join(staging, 'manifest.json'), JSON.stringify({ script, inputs }, null, 2));
    await rm(target, { recursive: true, force: true });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Built the widget in ${seconds} s: ${Math.round(gzipSync(code).length / 1000)} kB gzipped.`);
}

async function bundle(): Promise<string> {
  // Whatever it is where this runs (tests set it): the bundle is one of production.
  Object.assign(process.env, { NODE_ENV: 'production' });
  const result = await build({
    configFile: false,
    root: source,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(source, 'main.ts'), formats: ['es'] },
      rolldownOptions: {
        // "use client" means something to servers only.
        onwarn: (warning, warn) => {
          if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
        },
      },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((part) => ('output' in part ? part.output : []));
  const chunks = outputs.filter((output) => output.type === 'chunk');
  const [chunk] = chunks;
  if (!chunk || chunks.length > 1) throw new Error(`The widget must be one script, Vite made ${chunks.length}.`);
  return chunk.code;
}

async function hashInputs(): Promise<string> {
  const hash = createHash('sha256');
  const own = await listFiles(source);
  for (const path of ['scripts/build-widget.ts', 'package-lock.json', ...own].sort()) {
    hash.update(path).update(await readFile(join(root, path)));
  }
  return hash.digest('hex');
}

async function builtInputs(): Promise<string | null> {
  const path = join(target, 'manifest.json');
  if (!existsSync(path)) return null;
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'inputs' in manifest ? String(manifest.inputs) : null;
}

/** Paths from the checkout of what goes into the bundle. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('widget/testing/'));
}

await main();
