import { open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** The end of a file that is read for the last lines, in bytes: what runs in a sandbox can make its log very long. */
const TAIL_BYTES = 1024 * 1024;
const POLL_MS = 300;

/**
 * Yields the last `lines` lines of a file and, with `follow`, those that are added to it, until `signal`.
 * Lines longer than a megabyte come in parts. A file that got shorter is read from its beginning.
 */
export async function* tailLines(
  file: string,
  options: { lines: number; follow: boolean; signal?: AbortSignal },
): AsyncGenerator<string> {
  const { size } = await stat(file);
  let position = Math.max(0, size - TAIL_BYTES);
  const first = await readFrom(file, position, size);
  position += first.length;
  const found = first.toString('utf8').split('\n');
  // What follows the last line end is a line that is still being written.
  let rest = found.pop() ?? '';
  if (!options.follow && rest !== '') found.push(rest);
  yield* options.lines === 0 ? [] : found.slice(-options.lines);
  while (options.follow && !options.signal?.aborted) {
    await setTimeout(POLL_MS, undefined, { signal: options.signal }).catch(() => {});
    const now = (await stat(file)).size;
    if (now < position) {
      position = 0;
      rest = '';
    }
    if (now === position) continue;
    const added = await readFrom(file, position, Math.min(now, position + TAIL_BYTES));
    position += added.length;
    const lines = (rest + added.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > TAIL_BYTES) lines.push(rest.slice(0, TAIL_BYTES));
    if (rest.length > TAIL_BYTES) rest = rest.slice(TAIL_BYTES);
    yield* lines;
  }
}

async function readFrom(file: string, start: number, end: number): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(Math.max(0, end - start)), position: start });
  return buffer.subarray(0, bytesRead);
}
