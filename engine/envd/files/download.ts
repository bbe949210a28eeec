import { closeSync, createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { resolvePath } from '../paths.ts';
import { type Context, requestUser } from '../state.ts';
import { openForReading } from './open-file.ts';

/** GET and HEAD /files: the file's bytes. */
export async function download(
  context: Context,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const user = requestUser(context, url.searchParams.get('username'));
  const path = resolvePath(url.searchParams.get('path') ?? '', user, context.defaults.workdir);
  const { fd, stat } = openForReading(path, user);
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`);
  response.setHeader('last-modified', stat.mtime.toUTCString());
  response.setHeader('vary', 'accept-encoding');
  if (request.method === 'HEAD' || stat.size === 0) {
    closeSync(fd);
    response.writeHead(200, { 'content-length': stat.size });
    response.end();
    return;
  }
  // Only who asks for gzip alone wants it: fetch() lists it by default, and packing costs more than the wire does.
  const wantsGzip = request.headers['accept-encoding']?.trim() === 'gzip';
  // A file that grows meanwhile must not run over its Content-Length.
  const content = createReadStream(path, { fd, start: 0, end: stat.size - 1 });
  if (wantsGzip) {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    await pipeline(content, createGzip({ level: constants.Z_BEST_SPEED }), response);
  } else {
    response.writeHead(200, { 'content-length': stat.size });
    await pipeline(content, response);
  }
}
