import { closeSync, createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { acceptedEncoding } from '../http/accept-encoding.ts';
import { zlib } from '../late-modules.ts';
import { countPassed } from '../memory.ts';
import { resolvePath } from '../paths.ts';
import { type Context, fileUser } from '../state.ts';
import { openForReading, type OpenFile } from './open-file.ts';
import { requestedRange } from './range.ts';

type Answer = { status: number; headers: Record<string, string | number>; range?: { start: number; end: number } };

/** GET and HEAD /files: the file's bytes, packed or not, or a range of them. */
export async function download(
  context: Context,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const user = fileUser(context, url.searchParams.get('username'));
  const path = resolvePath(url.searchParams.get('path') ?? '', user, context.defaults.workdir);
  const file = openForReading(path, user);
  let answer: Answer;
  try {
    answer = answerFor(file, request);
  } catch (error) {
    closeSync(file.fd);
    throw error;
  }
  response.writeHead(answer.status, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
    'last-modified': file.stat.mtime.toUTCString(),
    'accept-ranges': 'bytes',
    vary: 'Accept-Encoding',
    ...answer.headers,
  });
  if (!answer.range || request.method === 'HEAD') {
    closeSync(file.fd);
    response.end();
    return;
  }
  // The end is given: a file that grows meanwhile must not run over its Content-Length.
  const content = createReadStream(path, { fd: file.fd, ...answer.range });
  content.on('data', (chunk) => countPassed(chunk.length));
  if (answer.headers['content-encoding'] === undefined) await pipeline(content, response);
  else await pipeline(content, zlib().createGzip({ level: zlib().constants.Z_BEST_SPEED }), response);
}

function answerFor({ stat }: OpenFile, request: IncomingMessage): Answer {
  const { range, 'if-modified-since': since, 'accept-encoding': accept } = request.headers;
  const ifRange = request.headersDistinct['if-range']?.[0];
  const encoding = acceptedEncoding(accept, range !== undefined || since !== undefined);
  const modified = Math.floor(stat.mtimeMs / 1000) * 1000;
  if (since !== undefined && modified <= Date.parse(since)) return { status: 304, headers: {} };
  const part = ifRange === undefined || Date.parse(ifRange) === modified ? requestedRange(range, stat.size) : undefined;
  if (part) {
    const headers = {
      'content-length': part.end - part.start + 1,
      'content-range': `bytes ${part.start}-${part.end}/${stat.size}`,
    };
    return { status: 206, headers, range: part };
  }
  if (stat.size === 0) return { status: 200, headers: { 'content-length': 0 } };
  const whole = { start: 0, end: stat.size - 1 };
  if (encoding === 'gzip') return { status: 200, headers: { 'content-encoding': 'gzip' }, range: whole };
  return { status: 200, headers: { 'content-length': stat.size }, range: whole };
}
