import { EnvdError, errnoCode } from '../http/errors.ts';
import { type Libc, libc } from '../native/libc.ts';

/** Extended attributes that are metadata of files, as in E2B: other tools' attributes are not shown. */
const PREFIX = 'user.e2b.';
/** Longest name of an extended attribute, and the room for all of them, in bytes (ext4 keeps them in one block). */
const MAX_NAME_BYTES = 255;
const MAX_TOTAL_BYTES = 4096;
/** The kernel's own limit of a list of names and of a value (linux/limits.h). */
const MAX_BYTES = 65_536;

export type Metadata = Record<string, string>;

type ListXattrs = Libc['listXattrs'];

let room: Buffer | undefined;

/** @throws EnvdError invalid_argument for what no file could keep */
export function validateMetadata(metadata: Metadata): void {
  let total = 0;
  for (const [key, text] of Object.entries(metadata)) {
    const refuse = (why: string) => {
      throw new EnvdError('invalid_argument', `invalid metadata: ${why}`);
    };
    if (!/^[\x20-\x7e]+$/.test(key)) refuse(`metadata key ${JSON.stringify(key)} is empty or not printable ASCII`);
    if (!/^[\x20-\x7e]*$/.test(text)) refuse(`metadata value for key "${key}" is not printable ASCII`);
    if (PREFIX.length + key.length > MAX_NAME_BYTES)
      refuse(`metadata key "${key}" exceeds ${MAX_NAME_BYTES - PREFIX.length} bytes`);
    total += PREFIX.length + key.length + text.length;
  }
  if (total > MAX_TOTAL_BYTES) {
    throw new EnvdError(
      'invalid_argument',
      `invalid metadata: total metadata size ${total} exceeds ${MAX_TOTAL_BYTES} bytes`,
    );
  }
}

/** The metadata of the file at `path`, which is not followed if it is a link; undefined when it has none. */
export function readMetadata(path: string): Metadata | undefined {
  try {
    const { getXattrOfLink, listXattrsOfLink } = libc();
    const found: [string, string][] = [];
    for (const key of keysOf(path, listXattrsOfLink)) {
      const text = decode(fill((buffer) => getXattrOfLink(path, PREFIX + key, buffer, buffer.length)));
      if (text !== undefined) found.push([key, text]);
    }
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  } catch {
    // It is an extra: an entry without it is better than none.
    return undefined;
  }
}

/**
 * Replaces the metadata of an opened file. File systems without extended attributes keep none, as in E2B.
 * @returns what the file has now.
 * @throws Error ENOSPC and others of the system call
 */
export function writeMetadata(fd: number, metadata: Metadata): Metadata | undefined {
  const { check, listXattrs, removeXattr, setXattr } = libc();
  // It leads to the opened file whatever its name is by now.
  const path = `/proc/self/fd/${fd}`;
  for (const key of keysOf(path, listXattrs)) if (!Object.hasOwn(metadata, key)) removeXattr(path, PREFIX + key);
  try {
    for (const [key, text] of Object.entries(metadata)) {
      const bytes = Buffer.from(text);
      check(setXattr(path, PREFIX + key, bytes, bytes.length, 0), 'setxattr');
    }
  } catch (error) {
    if (['ENOTSUP', 'EOPNOTSUPP'].includes(errnoCode(error) ?? '')) return undefined;
    throw error;
  }
  return Object.keys(metadata).length > 0 ? metadata : undefined;
}

function keysOf(path: string, list: ListXattrs): string[] {
  const bytes = fill((buffer) => list(path, buffer, buffer.length));
  const all = bytes?.toString('utf8').split('\0') ?? [];
  // A key that is not UTF-8 could not be shown.
  return all.flatMap((name) =>
    name.startsWith(PREFIX) && !name.includes('\ufffd') ? [name.slice(PREFIX.length)] : [],
  );
}

/** What a call has put into the buffer it is given; undefined when it failed. Valid until the next use. */
function fill(call: (buffer: Buffer) => number): Buffer | undefined {
  room ??= Buffer.allocUnsafeSlow(MAX_BYTES);
  const length = call(room);
  return length < 0 ? undefined : room.subarray(0, length);
}

function decode(bytes: Buffer | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
