import { closeSync, write as writeWithCallback } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type Metadata, writeMetadata } from '../filesystem/metadata.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import { countPassed } from '../memory.ts';
import type { User } from '../users.ts';
import { openForWriting } from './open-file.ts';

const write = promisify(writeWithCallback);

export type WrittenFile = { path: string; name: string; type: 'file'; metadata?: Metadata };

/**
 * Streams `content` into the file at the absolute `path`, replacing what was in it and its metadata. A new file is
 * removed again when the upload fails.
 * @param size Bytes that will come, if known.
 * @throws EnvdError with status 507 when the disk is full.
 */
export async function writeFile(
  path: string,
  user: User,
  content: Readable,
  metadata: Metadata,
  size?: number,
): Promise<WrittenFile> {
  const file = openForWriting(path, user, size);
  let kept: Metadata | undefined;
  try {
    // The source is left open when writing fails: it is a request whose sender waits for the answer.
    for await (const chunk of content.iterator({ destroyOnReturn: false })) await writeAll(file.fd, chunk);
    if (!file.isNew || Object.keys(metadata).length > 0) kept = writeMetadata(file.fd, metadata);
  } catch (error) {
    file.discard();
    if (['ENOSPC', 'EDQUOT'].includes(errnoCode(error) ?? '')) {
      const wanted = size === undefined ? '' : `attempted to write ${size} bytes: `;
      throw new EnvdError('resource_exhausted', `${wanted}not enough disk space available`, 507);
    }
    throw fromErrno(error, path);
  } finally {
    closeSync(file.fd);
  }
  return { path, name: basename(path), type: 'file', ...(kept ? { metadata: kept } : {}) };
}

async function writeAll(fd: number, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await write(fd, chunk, offset, chunk.length - offset);
    offset += bytesWritten;
  }
  countPassed(chunk.length);
}
