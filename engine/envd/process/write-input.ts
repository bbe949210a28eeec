import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { EnvdError } from '../http/errors.ts';

/** Bytes that are handed to a pipe at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Writes to a command's standard input, at most one chunk ahead of what it reads.
 * @param abort Ends the wait for a command that does not read.
 * @throws EnvdError internal when the input is closed, canceled
 */
export async function writeInput(stdin: Writable | null, data: Buffer, pid: number, abort: AbortSignal): Promise<void> {
  if (!stdin || stdin.destroyed || stdin.writableEnded) {
    throw new EnvdError('internal', `error writing to stdin of process '${pid}': it is not enabled or closed`);
  }
  // An earlier request may have given up on a chunk that is still there.
  if (stdin.writableNeedDrain) await once(stdin, 'drain', { signal: abort }).catch(() => {});
  for (let offset = 0; offset < data.length; offset += CHUNK_BYTES) {
    await writeChunk(stdin, data.subarray(offset, offset + CHUNK_BYTES), pid, abort);
  }
}

function writeChunk(stdin: Writable, chunk: Buffer, pid: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new EnvdError('canceled', `process '${pid}' does not read its standard input`));
    if (abort.aborted) return onAbort();
    abort.addEventListener('abort', onAbort, { once: true });
    stdin.write(chunk, (error) => {
      abort.removeEventListener('abort', onAbort);
      if (error) reject(new EnvdError('internal', `error writing to stdin of process '${pid}': it closed its end`));
      else resolve();
    });
  });
}
