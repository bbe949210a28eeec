import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import path from 'node:path';
import { runDirectory } from '../config.ts';

/**
 * Where the engine answers the command line tool: a socket that root alone may open, so that no key has to lie around.
 * Under /run: the kernel takes 107 characters, and data folders may have longer names.
 */
export function socketPath(instance: string): string {
  return path.join(runDirectory(instance), 'engine.sock');
}

export async function listenOnSocket(server: Server, file: string): Promise<void> {
  // Left by an engine that was killed; the lock of the data folder says that there is no other.
  await rm(file, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  // Its folder lets nobody but root and the sandboxes' root pass, and connecting takes the right to write.
  await chmod(file, 0o600);
}
