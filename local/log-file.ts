import { copyFile, open, rename, stat, truncate } from 'node:fs/promises';

/** A log is turned over at this size; two older ones are kept, so a process uses at most three times this. */
const MAX_BYTES = 20 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 12;

/**
 * Turns a log over when it has grown too large. The process keeps its open file (it must be able to outlive us), so the
 * content is copied away and the file cut to nothing; it is open for appending, so that the next line starts at 0.
 */
export async function rotate(file: string, maxBytes = MAX_BYTES): Promise<boolean> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= maxBytes) return false;
  await rename(`${file}.1`, `${file}.2`).catch(() => {});
  await copyFile(file, `${file}.1`);
  await truncate(file, 0);
  return true;
}

/** The last lines that were written at or after `from` (bytes), for a person to read. */
export async function tail(file: string, from = 0): Promise<string> {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const start = Math.max(from > size ? 0 : from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(size - start, 1)), 0, undefined, start);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').filter(Boolean);
    return lines.slice(-TAIL_LINES).map(readable).join('\n');
  } catch {
    return '';
  }
}

const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** One line of a log as a person wants it: `error: message, reason` in place of pino's JSON. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null || !('msg' in entry)) return line;
    const level = 'level' in entry ? (LEVELS[Number(entry.level)] ?? String(entry.level)) : 'info';
    const reason = 'err' in entry ? messageOf(entry.err) : '';
    const next = 'next' in entry && typeof entry.next === 'string' ? `. ${entry.next}` : '';
    const message = String(entry.msg);
    return `${level}: ${message}${reason && !message.includes(reason) ? `: ${reason}` : ''}${next}`;
  } catch {
    return line;
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}
