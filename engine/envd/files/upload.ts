import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodedBody } from '../http/body.ts';
import { type Metadata, validateMetadata } from '../filesystem/metadata.ts';
import { EnvdError } from '../http/errors.ts';
import { sendJson } from '../http/rpc.ts';
import { resolvePath } from '../paths.ts';
import { type Context, fileUser } from '../state.ts';
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
  request.setTimeout(IDLE_MS, () => request.destroy());
  sendJson(response, 200, await receive(context, url, request));
}

async function receive(context: Context, url: URL, request: IncomingMessage): Promise<WrittenFile[]> {
  const user = fileUser(context, url.searchParams.get('username'));
  const given = url.searchParams.get('path');
  const resolve = (path: string) => resolvePath(path, user, context.defaults.workdir);
  const metadata = metadataOf(request);
  const content = decodedBody(request);
  const type = request.headers['content-type'] ?? '';
  const [mediaType] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (mediaType === 'application/octet-stream') {
    if (given === null) throw new EnvdError('invalid_argument', 'path query parameter is required for raw body upload');
    const isPlain = content === request;
    const size = Number(request.headers['content-length'] ?? NaN);
    const known = isPlain && Number.isSafeInteger(size) ? size : undefined;
    return [await writeFile(resolve(given), user, content, metadata, known)];
  }
  if (!mediaType?.startsWith('multipart/')) {
    const wanted = 'expected multipart/form-data or application/octet-stream';
    throw new EnvdError('invalid_argument', `unsupported content type: ${type}, ${wanted}`);
  }
  const taken = new Set<string>();
  return readParts(request.headers, content, async (filename, part) => {
    const path = given ?? filename;
    if (path === undefined) throw new EnvdError('invalid_argument', 'filename not found in Content-Disposition header');
    const target = resolve(path);
    if (taken.has(target)) throw twice(target);
    taken.add(target);
    return writeFile(target, user, part, metadata);
  });
}

const twice = (path: string) =>
  new EnvdError(
    'invalid_argument',
    `you cannot upload multiple files to the same path '${path}' in one upload request, only the first specified file was uploaded`,
  );

/** The metadata that comes in headers, `X-Metadata-<key>`: the same for all files of the request. */
function metadataOf(request: IncomingMessage): Metadata {
  const prefix = 'x-metadata-';
  const found = Object.entries(request.headersDistinct).flatMap(([name, values]): [string, string][] => {
    const key = name.slice(prefix.length);
    return name.startsWith(prefix) && key !== '' ? [[key, values?.[0] ?? '']] : [];
  });
  const metadata = Object.fromEntries(found);
  validateMetadata(metadata);
  return metadata;
}
