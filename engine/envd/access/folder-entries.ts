import { type Dirent, opendirSync } from 'node:fs';

/** Entries that one system call may bring. */
const BUFFERED = 256;

/** The entries of the folder at `path`, one after another: nobody knows how many there are. */
export function* folderEntries(path: string): Generator<Dirent> {
  const folder = opendirSync(path, { bufferSize: BUFFERED });
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) yield entry;
  } finally {
    folder.closeSync();
  }
}
