import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { ApiError } from '../errors.ts';
import { reasonToSkip, refuse, type ImportCount } from './import-names.ts';
import { LIMITS } from './limits.ts';

const TYPE_MASK = 0o170_000;
const SYMLINK = 0o120_000;
const OWNER_EXECUTES = 0o100;
/** What is left out counts too: reading names takes time. */
const MAX_ENTRIES = 20 * LIMITS.files;

/** Unpacks the files of a ZIP archive into an empty folder. Throws for an archive that is damaged or unsafe. */
export async function unpackZip(file: string, folder: string, count: ImportCount): Promise<void> {
  try {
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
    try {
      if (zip.entryCount > MAX_ENTRIES) throw refuse('It holds more than 5,000 files.', 'import_too_large', 413);
      const entries: Entry[] = [];
      for await (const entry of zip.eachEntry()) entries.push(entry);
      const root = commonFolder(entries.map(({ fileName }) => fileName));
      // All that can be refused is refused before anything is written.
      const files = entries.flatMap((entry) => {
        const path = entry.fileName.slice(root.length);
        return isWanted(entry, path, count) ? [{ entry, path }] : [];
      });
      for (const { entry, path } of files) await unpackFile(zip, entry, join(folder, path), count);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw refuse(`It could not be unpacked: ${describe(error)}.`);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error.message.slice(0, 200);
  return ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code) ? 'two entries have the same name' : code;
}

function isWanted(entry: Entry, path: string, count: ImportCount): boolean {
  if (path === '' || path.endsWith('/')) return false;
  const skipped = reasonToSkip(path) ?? (isLink(entry) ? 'Links were left out' : undefined);
  if (skipped !== undefined) {
    count.note(skipped);
    return false;
  }
  if (entry.isEncrypted()) throw refuse('It is protected by a password.');
  count.file();
  return true;
}

const modeOf = (entry: Entry) => entry.externalFileAttributes >>> 16;
const isLink = (entry: Entry) => (modeOf(entry) & TYPE_MASK) === SYMLINK;

async function unpackFile(zip: ZipFile, entry: Entry, target: string, count: ImportCount): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const output = createWriteStream(target, {
    flags: 'wx',
    mode: (modeOf(entry) & OWNER_EXECUTES) === 0 ? 0o644 : 0o755,
  });
  await pipeline(
    await zip.openReadStreamPromise(entry),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        count.bytes(chunk.length);
        yield chunk;
      }
    },
    output,
  );
}

/** Archives often hold one folder with everything in it; names that lead elsewhere are left for the check to find. */
function commonFolder(names: string[]): string {
  const [first = ''] = names;
  const folder = first.slice(0, first.indexOf('/') + 1);
  const others = names.filter((name) => !name.startsWith(folder) && !name.startsWith('__MACOSX/'));
  return folder !== '../' && others.length === 0 ? folder : '';
}
