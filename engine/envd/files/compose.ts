import { closeSync, createReadStream, lstatSync, unlinkSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { reach } from '../access/reach.ts';
import { move } from '../filesystem/move.ts';
import { readBody } from '../http/body.ts';
import { EnvdError, errnoCode, HttpError } from '../http/errors.ts';
import { parseJson } from '../http/frames.ts';
import { sendJson } from '../http/rpc.ts';
import { crypto } from '../late-modules.ts';
import { resolvePath } from '../paths.ts';
import { type Context, fileUser } from '../state.ts';
import type { User } from '../users.ts';
import { openForReading } from './open-file.ts';
import { writeFile } from './write-file.ts';

/** Most files that are put together in one call. */
const MAX_SOURCES = 10_000;

const composeRequest = z.object({
  source_paths: z._default(z.array(z.string()).check(z.maxLength(MAX_SOURCES)), []),
  destination: z._default(z.string(), ''),
  username: z.optional(z.string()),
});

/**
 * POST /files/compose: puts files together, in order, and removes them. The destination has its old content until all
 * of the new is there.
 */
export async function compose(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parsed = composeRequest.safeParse(parseJson(await readBody(request)));
  if (!parsed.success) throw new HttpError(400, 'invalid request body');
  const { source_paths: given, destination, username } = parsed.data;
  if (given.length === 0) throw new HttpError(400, 'source_paths must not be empty');
  if (destination === '') throw new HttpError(400, 'destination is required');
  const user = fileUser(context, username ?? null);
  const target = resolvePath(destination, user, context.defaults.workdir);
  const sources = given.map((source) => {
    const path = resolvePath(source, user, context.defaults.workdir);
    if (path === target) throw new HttpError(400, `source path "${source}" cannot be the same as destination`);
    requireRegular(path, source, user);
    return path;
  });
  const temporary = `${target}.compose.${crypto().randomUUID()}.tmp`;
  await writeFile(temporary, user, Readable.from(contentOf(sources, user), { objectMode: false }), {});
  try {
    await move(context, user, temporary, target);
  } catch (error) {
    removeQuietly(temporary, user);
    throw error;
  }
  for (const source of new Set(sources)) removeQuietly(source, user);
  sendJson(response, 200, { path: target, name: basename(target), type: 'file' });
}

function requireRegular(path: string, shown: string, user: User): void {
  try {
    closeSync(openForReading(path, user).fd);
  } catch (error) {
    if (!(error instanceof EnvdError)) throw error;
    if (error.code === 'not_found') throw new HttpError(404, `source file not found: ${shown}`);
    if (error.code === 'invalid_argument') throw new HttpError(400, `source path is not a regular file: ${shown}`);
    throw error;
  }
}

async function* contentOf(paths: string[], user: User): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path, { fd: openForReading(path, user).fd });
}

function removeQuietly(path: string, user: User): void {
  try {
    reach(user, path, 'keep', (place) => {
      if (lstatSync(place.path).isFile()) unlinkSync(place.path);
    });
  } catch (error) {
    // As in E2B, the files put together are what counts.
    if (errnoCode(error) === undefined) throw error;
  }
}
