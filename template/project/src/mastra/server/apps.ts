import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { registerApiRoute } from '@mastra/core/server';
import { projectRoot } from '../project-root';

// Web apps: the files of src/mastra/public/apps/<name> are served at /apps/<name>/. They call the project's agents and
// workflows at /api.

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.pdf': 'application/pdf',
  '.wasm': 'application/wasm',
};

export const appRoutes = [registerApiRoute('/apps/*', { method: 'GET', handler: ({ req }) => serveApp(req.raw) })];

async function serveApp(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const [name = '', ...rest] = pathname.slice('/apps/'.length).split('/');
  if (!NAME.test(name)) return notFound();
  // Links of a page are relative to the folder that it is in.
  if (rest.length === 0) return new Response(null, { status: 308, headers: { location: `/apps/${name}/${search}` } });
  const path = readPath(rest);
  const file = path === undefined ? undefined : await findFile(name, path);
  if (file === undefined) return notFound();

  const etag = `W/"${file.size.toString(36)}-${Math.trunc(file.mtimeMs).toString(36)}"`;
  const headers = new Headers({
    'content-type': CONTENT_TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': String(file.size),
    // A saved change shows at the next load.
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    etag,
  });
  if (request.headers.get('if-none-match') === etag) {
    headers.delete('content-length');
    return new Response(null, { status: 304, headers });
  }
  if (request.method === 'HEAD') return new Response(null, { headers });
  return new Response(Readable.toWeb(createReadStream(file.path)) as ReadableStream, { headers });
}

/** The file's path inside of the app, or undefined for what leads elsewhere. Hidden files stay hidden. */
function readPath(parts: string[]): string | undefined {
  try {
    const names = parts.map((part) => decodeURIComponent(part));
    if (names.at(-1) === '') names[names.length - 1] = 'index.html';
    const allowed = names.every((name) => name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name));
    return allowed ? names.join('/') : undefined;
  } catch {
    return undefined;
  }
}

async function findFile(
  app: string,
  path: string,
): Promise<{ path: string; size: number; mtimeMs: number } | undefined> {
  for (const folder of publicFolders()) {
    try {
      const appFolder = await realpath(join(folder, 'apps', app));
      const found = await realpath(join(appFolder, path));
      // A link may lead out of the app.
      if (!found.startsWith(appFolder + sep)) continue;
      const stats = await stat(found);
      if (stats.isFile()) return { path: found, size: stats.size, mtimeMs: stats.mtimeMs };
    } catch {
      // Not there: it may be in the other folder.
    }
  }
  return undefined;
}

/** While one works on the project it is src/mastra/public; a build has a copy beside its code. */
const publicFolders = () => [join(projectRoot(), 'src/mastra/public'), dirname(fileURLToPath(import.meta.url))];

const notFound = () =>
  new Response('There is no such app or file.\n', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
