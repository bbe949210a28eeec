import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_BYTES = 5 * 1024 * 1024;
/** What is left of a file that has grown too large: its end. */
const KEPT_BYTES = 1024 * 1024;
const CHECK_MS = 60_000;

/** Cuts the log files that pm2 appends to, which would otherwise fill the disk in the weeks that a sandbox lives. */
export function limitLogFiles(folder: string): () => void {
  const timer = setInterval(() => void cutLogFiles(folder), CHECK_MS);
  return () => clearInterval(timer);
}

/** Cuts each file in the folder that is larger than `maxBytes` down to its last `keptBytes`. */
export async function cutLogFiles(folder: string, maxBytes = MAX_BYTES, keptBytes = KEPT_BYTES): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.log')) continue;
    try {
      await cut(join(folder, name), maxBytes, keptBytes);
    } catch {
      // Removed meanwhile, or the disk is full: the next round tries again.
    }
  }
}

async function cut(path: string, maxBytes: number, keptBytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size <= maxBytes) return;
  const file = await open(path, 'r+');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(keptBytes), 0, keptBytes, size - keptBytes);
    const end = buffer.subarray(0, bytesRead);
    const firstLine = end.indexOf('\n') + 1;
    // Who appends goes on at the new end; a line written in between may be lost.
    await truncate(path, 0);
    await file.write(end, firstLine, end.length - firstLine, 0);
  } finally {
    await file.close();
  }
}
