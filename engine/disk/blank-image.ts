import { open, type FileHandle } from 'node:fs/promises';
import { DiskFullError, HostError } from '../api/errors.ts';
import { command } from '../runtime/command.ts';
import { type SystemCalls, systemCalls } from '../runtime/system-calls.ts';

/** unistd.h */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** An empty ext4 uses far less; another one is copied by a program instead. */
const LIMIT_BYTES = 8 * 2 ** 20;

type Extent = { offset: number; bytes: Buffer };

/** An empty, formatted file system as its few used blocks, of which copies are made without a program. */
export type BlankImage = {
  /** Writes a new file; it is not synced. @throws DiskFullError, or Error with the code ENOSPC */
  copyTo(file: string): Promise<void>;
};

export async function readBlankImage(file: string): Promise<BlankImage> {
  const calls = systemCalls();
  const extents = calls === null ? null : await readExtents(calls, file);
  if (extents === null) return { copyTo: (target) => copyWithProgram(file, target) };
  const { size } = extents;
  return {
    async copyTo(target) {
      await using handle = await open(target, 'w', 0o600);
      await handle.truncate(size);
      for (const { offset, bytes } of extents.list) {
        const { bytesWritten } = await handle.write(bytes, 0, bytes.length, offset);
        // The kernel takes less than it was given only when there is no room for the rest.
        if (bytesWritten !== bytes.length) throw new DiskFullError();
      }
    },
  };
}

async function copyWithProgram(file: string, target: string): Promise<void> {
  await command('cp', ['--sparse=auto', '--reflink=auto', file, target]);
}

/** Null when they are too many to keep. */
async function readExtents(calls: SystemCalls, file: string): Promise<{ size: number; list: Extent[] } | null> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const list: Extent[] = [];
  let kept = 0;
  for (let offset = await nextData(calls, handle, 0); offset !== null;) {
    const end = await calls.seek(handle.fd, offset, SEEK_HOLE);
    kept += end - offset;
    if (kept > LIMIT_BYTES) return null;
    const bytes = Buffer.alloc(end - offset);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    if (bytesRead !== bytes.length) throw new HostError(`${file} could not be read`);
    list.push({ offset, bytes });
    offset = await nextData(calls, handle, end);
  }
  return { size, list };
}

/** Null when only a hole is left. */
async function nextData(calls: SystemCalls, handle: FileHandle, from: number): Promise<number | null> {
  try {
    return await calls.seek(handle.fd, from, SEEK_DATA);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return null;
    throw error;
  }
}
