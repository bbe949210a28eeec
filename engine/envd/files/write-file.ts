import { closeSync, write as writeWithCallback } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { fromErrno } from '../http/errors.ts';
import type { User } from '../users.ts';
import { openForWriting } from './open-file.ts';

const write = promisify(writeWithCallback);

export type WrittenFile = { path: string; name: string; type: 'file' };

/**
 * Streams `content` into the file at the absolute `path`, replacing what was in it. A new file is removed again when
 * the upload fails.
 * @throws EnvdError with status 507 when the disk is full.
 */
export async function writeFile(path: string, user: User, content: Readable, size?: number): Promise<WrittenFile> {
  const file = openForWriting(path, user, size);
  try {
    // The source is left open when writing fails: it is a request whose sender waits for the answer.
    for await (const chunk of content.iterator({ destroyOnReturn: false })) await writeAll(file.fd, chunk);
  } catch (error) {
    file.discard();
    throw fromErrno(error, path);
  } finally {
    closeSync(file.fd);
  }
  return { path, name: basename(path), type: 'file' };
}

async function writeAll(fd: number, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await write(fd, chunk, offset, chunk.length - offset);
    offset += bytesWritten;
  }
}
