import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromErrno } from '../http/errors.ts';
import type { User } from '../users.ts';
import { openForWriting } from './open-file.ts';

export type WrittenFile = { path: string; name: string; type: 'file' };

/**
 * Streams `content` into the file at the absolute `path`, replacing what was in it. A new file is removed again when
 * the upload fails.
 * @throws EnvdError with status 507 when the disk is full.
 */
export async function writeFile(path: string, user: User, content: Readable, size?: number): Promise<WrittenFile> {
  const file = openForWriting(path, user, size);
  try {
    await pipeline(content, createWriteStream(path, { fd: file.fd }));
  } catch (error) {
    file.discard();
    throw fromErrno(error, path);
  }
  return { path, name: basename(path), type: 'file' };
}
