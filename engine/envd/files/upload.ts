import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodedBody } from '../http/body.ts';
import { EnvdError } from '../http/errors.ts';
import { sendJson } from '../http/rpc.ts';
import { resolvePath } from '../paths.ts';
import { type Context, requestUser } from '../state.ts';
import { readParts } from './multipart.ts';
import { writeFile, type WrittenFile } from './write-file.ts';

/** A client that sends nothing for this long is dropped, in ms. */
const IDLE_MS = 600_000;

/** POST /files: one file as octet-stream, or several as multipart, each to its own path. */
export async function upload(
  context: Context,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (Object.keys(request.headers).some((name) => name.startsWith('x-metadata-'))) {
    throw new EnvdError('unimplemented', 'file metadata is not supported yet');
  }
  request.setTimeout(IDLE_MS, () => request.destroy());
  sendJson(response, 200, await receive(context, url, request));
}

async function receive(context: Context, url: URL, request: IncomingMessage): Promise<WrittenFile[]> {
  const user = requestUser(context, url.searchParams.get('username'));
  const given = url.searchParams.get('path') ?? undefined;
  const target = (path: string | undefined) => {
    if (!path) throw new EnvdError('invalid_argument', 'the path of the file is missing');
    return resolvePath(path, user, context.defaults.workdir);
  };
  const type = request.headers['content-type']?.split(';')[0]?.trim();
  if (type === 'multipart/form-data') {
    return readParts(request.headers, decodedBody(request), async (filename, content) =>
      writeFile(target(given ?? filename), user, content),
    );
  }
  if (type !== undefined && type !== 'application/octet-stream') {
    throw new EnvdError('invalid_argument', `content type '${type}' is not supported`);
  }
  const isPlain = request.headers['content-encoding'] === undefined;
  const size = Number(request.headers['content-length'] ?? NaN);
  const known = isPlain && Number.isSafeInteger(size) ? size : undefined;
  return [await writeFile(target(given), user, decodedBody(request), known)];
}
