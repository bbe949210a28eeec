import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { Git } from '../history/git.ts';
import type { History } from '../history/history.ts';
import type { Commit } from '../history/types.ts';
import { ImportCount } from './import-names.ts';
import { readPackages, requireMastraProject } from './mastra-project.ts';
import { receiveFile } from './receive-file.ts';
import { unpackBundle } from './unpack-bundle.ts';
import { unpackZip } from './unpack-zip.ts';

export type ImportFormat = 'zip' | 'bundle';

export type ImportUpload = { format: ImportFormat; body: AsyncIterable<Uint8Array>; declaredBytes: number };

export type Imported = {
  commit: Commit;
  /** What was left out, and why. */
  notes: string[];
  /** Other packages than before have to be installed. */
  packagesChanged: boolean;
};

/** Makes the project that of an upload, in one commit. Until that commit nothing of the project is touched. */
export async function importProject(history: History, projectDir: string, upload: ImportUpload): Promise<Imported> {
  const scratch = await mkdtemp(join(tmpdir(), 'import-'));
  try {
    const file = join(scratch, 'upload');
    const folder = join(scratch, 'files');
    await mkdir(folder);
    await receiveFile(file, upload.body, upload.declaredBytes);
    const count = new ImportCount();
    if (upload.format === 'zip') await unpackZip(file, folder, count);
    else await unpackBundle(file, folder, join(scratch, 'repository'), count);
    await requireMastraProject(folder);

    const before = await readPackages(projectDir);
    const commit = await history.adopt('Import a project', async (git, indexFile) => {
      const files = new Git(folder, git.gitDir);
      const env = { GIT_INDEX_FILE: indexFile };
      await files.disarm();
      await files.run(['read-tree', '--empty'], { env });
      await files.run(['add', '--all'], { env, timeoutMs: 120_000 });
      return files.text(['write-tree'], { env });
    });
    const packagesChanged = !isDeepStrictEqual(before, await readPackages(projectDir));
    return { commit, notes: [...count.notes], packagesChanged };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
