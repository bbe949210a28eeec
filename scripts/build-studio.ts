import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';
import {
  addScript,
  fillPlaceholders,
  inlineScripts,
  removeOwnReload,
  STUDIO_MOUNT,
  studioPlaceholders,
} from '../lib/studio/html.ts';
import { ENCODING_SUFFIX, MANIFEST_NAME, type StudioFile, type StudioManifest } from '../lib/studio/manifest.ts';
import { contentType, isCompressible, isImmutable } from '../lib/studio/files.ts';
import { hasChat, showMessagesOnce } from '../lib/studio/chat-script.ts';
import { studioPolicy } from '../lib/studio/policy.ts';

const root = resolve(import.meta.dirname, '..');
const source = join(dirname(createRequire(import.meta.url).resolve('mastra/package.json')), 'dist/studio');
const target = join(root, '.studio');
const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** Makes `.studio/` from the prebuilt Studio of the npm package `mastra`. Does nothing when its inputs are the same. */
async function main(): Promise<void> {
  const started = performance.now();
  const mastra = JSON.parse(await readFile(join(source, '../../package.json'), 'utf8')) as { version: string };
  const inputs = await hashInputs(mastra.version);
  if ((await builtInputs()) === inputs) {
    console.log('Studio is up to date.');
    return;
  }
  const staging = `${target}.${process.pid}`;
  await rm(staging, { recursive: true, force: true });
  try {
    const files: StudioFile[] = [];
    for (const path of await listFiles(source)) {
      if (path === 'index.html' || path === 'routes-manifest.json') continue;
      files.push(await writeAsset(staging, path, mended(path, await readFile(join(source, path)))));
    }
    files.push(await writeAsset(staging, 'companion.js', await bundleCompanion()));
    const html = await page();
    files.push(await writeAsset(staging, 'index.html', Buffer.from(html)));
    const manifest: StudioManifest = {
      inputs,
      mastraVersion: mastra.version,
      contentSecurityPolicy: studioPolicy(inlineScripts(html).map((script) => `sha256-${sha256(script, 'base64')}`)),
      files,
    };
    await writeFile(join(staging, MANIFEST_NAME), JSON.stringify(manifest, null, 2));
    await rm(target, { recursive: true, force: true });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  console.log(`Built Studio ${mastra.version} in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** Studio's files as they are, but the script with the chat. */
function mended(path: string, content: Buffer): Buffer {
  if (!path.endsWith('.js')) return content;
  const script = content.toString();
  return hasChat(script) ? Buffer.from(showMessagesOnce(script)) : content;
}

async function page(): Promise<string> {
  const values = studioPlaceholders({ basePath: STUDIO_MOUNT, apiPrefix: '/api/mastra/api' });
  const html = fillPlaceholders(await readFile(join(source, 'index.html'), 'utf8'), values);
  return addScript(removeOwnReload(html), `${STUDIO_MOUNT}/companion.js`);
}

async function bundleCompanion(): Promise<Buffer> {
  const result = await build({
    entryPoints: [join(root, 'lib/studio/companion/main.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    legalComments: 'none',
  });
  const output = result.outputFiles[0];
  if (!output) throw new Error('esbuild made no companion.');
  return Buffer.from(output.contents);
}

async function writeAsset(folder: string, path: string, content: Buffer): Promise<StudioFile> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  const encodings: StudioFile['encodings'] = [];
  if (isCompressible(path) && content.length > 512) {
    // Quality 9: 11 takes ten times as long on Studio's 7 MB of script, for 5% fewer bytes.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    await writeFile(file + ENCODING_SUFFIX.br, await compressBrotli(content, { params }));
    await writeFile(file + ENCODING_SUFFIX.gzip, await compressGzip(content, { level: 6 }));
    encodings.push('br', 'gzip');
  }
  const etag = `"${sha256(content, 'hex').slice(0, 24)}"`;
  return { path, type: contentType(path), etag, immutable: isImmutable(path), encodings };
}

async function hashInputs(mastraVersion: string): Promise<string> {
  const hash = createHash('sha256').update(mastraVersion);
  const own = ['scripts/build-studio.ts'];
  for (const path of await listFiles(join(root, 'lib/studio'))) {
    if (!path.endsWith('.test.ts')) own.push(join('lib/studio', path));
  }
  for (const path of own.sort()) hash.update(path).update(await readFile(join(root, path)));
  hash.update(await readFile(join(source, 'index.html')));
  return hash.digest('hex');
}

async function builtInputs(): Promise<string | null> {
  const path = join(target, MANIFEST_NAME);
  if (!existsSync(path)) return null;
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { inputs?: unknown };
  return typeof manifest.inputs === 'string' ? manifest.inputs : null;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

function sha256(content: string | Buffer, encoding: 'hex' | 'base64'): string {
  return createHash('sha256').update(content).digest(encoding);
}

await main();
