import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, writeFileAtomic, type WriteOptions } from './atomic-file.ts';
import { SandboxRecord } from './record.ts';

const RECORD = 'sandbox.json';

/** One folder per sandbox: its record and the image of its disk. A folder without a record belongs to nobody. */
export class SandboxStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  folder(id: string): string {
    return path.join(this.directory, id);
  }

  diskFile(id: string): string {
    return path.join(this.folder(id), 'disk.img');
  }

  async createFolder(id: string): Promise<void> {
    await mkdir(this.folder(id), { recursive: true, mode: 0o700 });
  }

  async save(record: SandboxRecord, options: WriteOptions = {}): Promise<void> {
    await writeFileAtomic(path.join(this.folder(record.id), RECORD), JSON.stringify(record), options);
  }

  /** From here on the sandbox does not exist any more, even if the rest of its removal is cut short. */
  async removeRecord(id: string): Promise<void> {
    await rm(path.join(this.folder(id), RECORD), { force: true });
    await syncDirectory(this.folder(id)).catch(() => {});
  }

  async removeFolder(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true });
  }

  /** Names of all folders, with their record or null when there is none. */
  async load(): Promise<{ id: string; record: SandboxRecord | null; problem?: unknown }[]> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const names = await readdir(this.directory);
    return Promise.all(
      names.map(async (id) => {
        const text = await readFile(path.join(this.folder(id), RECORD), 'utf8').catch(() => null);
        if (text === null) return { id, record: null };
        try {
          return { id, record: SandboxRecord.parse(JSON.parse(text)) };
        } catch (problem) {
          return { id, record: null, problem };
        }
      }),
    );
  }
}
