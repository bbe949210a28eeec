import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { command } from '../runtime/command.ts';

/**
 * Copies the upper directory of an unmounted overlay to `targetDir`, with whiteouts (device nodes 0/0), opaque marks
 * (trusted.overlay.* attributes), hard links and numeric owners.
 * @throws HostError; `targetDir` is gone then.
 */
export async function copyUpper(dir: string, targetDir: string): Promise<void> {
  await mkdir(path.dirname(targetDir), { recursive: true });
  try {
    await command(
      'cp',
      [
        '--archive',
        '--no-target-directory',
        '--reflink=auto',
        '--sparse=auto',
        path.join(dir, 'disk/upper'),
        targetDir,
      ],
      { timeoutMs: 600_000 },
    );
  } catch (error) {
    await rm(targetDir, { recursive: true, force: true });
    throw error;
  }
}
