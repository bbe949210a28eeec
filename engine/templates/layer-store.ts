import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { command } from '../runtime/command.ts';
import { writeFileAtomic } from '../state/atomic-file.ts';
import { type Settings, settingsSchema } from './records.ts';

/** How long a layer that no template uses serves as a cache after its last use. */
const CACHE_MS = 7 * 24 * 3600_000;

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

const cachedSchema = z.object({
  layer: z.string().nullable(),
  settings: settingsSchema,
  /** The machine's boot in which it was written, until its files are known to be on the disk. */
  unsyncedIn: z.string().optional(),
});
/** What a step led to: its layer's id (null when it changed no file) and the settings after it. */
export type CachedStep = z.infer<typeof cachedSchema>;

/**
 * The layers that build steps made, `<dir>/<id>`, and the cache `<dir>/cache/<key>.json` from a step's inputs to its
 * layer. Ids are random: a step that is forced to run again gives a new layer, and what stands on it is made anew.
 */
export class LayerStore {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #boot = readFileSync(BOOT_ID, 'utf8').trim();
  readonly #unsynced = new Set<string>();
  /** Layers that no record names yet. */
  readonly #held = new Set<string>();

  constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
  }

  path(id: string): string {
    return path.join(this.#dir, id);
  }

  /** Folders of layers that no record names yet. */
  held(): string[] {
    return [...this.#held].map((id) => this.path(id));
  }

  /** The cached outcome of a step; its use is noted. */
  async find(key: string): Promise<CachedStep | undefined> {
    const file = this.#cacheFile(key);
    const cached = await this.#read(file);
    if (!cached || (cached.layer !== null && !(await exists(this.path(cached.layer))))) return undefined;
    // The machine went down before its files were on the disk for sure.
    if (cached.unsyncedIn !== undefined && cached.unsyncedIn !== this.#boot) return undefined;
    const now = new Date(this.#now());
    await utimes(file, now, now);
    return cached;
  }

  /**
   * Keeps the files that `write` puts into a folder as the outcome of the step `key`.
   * @returns the id of the layer, null when there were no files. Nothing is left when it throws.
   */
  async add(key: string, settings: Settings, write?: (folder: string) => Promise<void>): Promise<string | null> {
    await mkdir(path.join(this.#dir, 'cache'), { recursive: true });
    const layer = write ? await this.#addFiles(newId(), write) : null;
    await this.#save(key, { layer, settings, ...(layer === null ? {} : { unsyncedIn: this.#boot }) });
    if (layer !== null) this.#unsynced.add(key);
    return layer;
  }

  /**
   * Keeps the files that `write` puts into a folder, which outlive a power failure then, until `record` has written the
   * layer's id down (null when there were no files).
   */
  async addForRecord<T>(
    write: (folder: string) => Promise<void>,
    record: (layer: string | null) => Promise<T>,
  ): Promise<T> {
    const id = newId();
    this.#held.add(id);
    try {
      await mkdir(this.#dir, { recursive: true });
      const layer = await this.#addFiles(id, write);
      if (layer !== null) await this.#syncAll();
      return await record(layer);
    } finally {
      this.#held.delete(id);
    }
  }

  async #syncAll(): Promise<void> {
    await command('sync', ['--file-system', this.#dir], { timeoutMs: 300_000 });
  }

  /** Makes the layers of a build outlive a power failure: once, at its end, since it waits for the whole disk. */
  async sync(): Promise<void> {
    const keys = [...this.#unsynced];
    if (keys.length === 0) return;
    await this.#syncAll();
    for (const key of keys) {
      const cached = await this.#read(this.#cacheFile(key));
      if (cached) await this.#save(key, { layer: cached.layer, settings: cached.settings });
      this.#unsynced.delete(key);
    }
  }

  async #save(key: string, cached: CachedStep): Promise<void> {
    await writeFileAtomic(this.#cacheFile(key), JSON.stringify(cached));
  }

  async #addFiles(id: string, write: (folder: string) => Promise<void>): Promise<string | null> {
    const temporary = this.path(`${id}.tmp`);
    try {
      await write(temporary);
      if ((await readdir(temporary)).length === 0) {
        await rmdir(temporary);
        return null;
      }
      await rename(temporary, this.path(id));
      return id;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Removes layers that nobody uses: neither in `used` nor touched as a cache in the last 7 days.
   * @returns how many were removed.
   */
  async collect(used: Set<string>): Promise<number> {
    const keep = new Set([...used, ...this.#held]);
    const cacheDir = path.join(this.#dir, 'cache');
    for (const name of await list(cacheDir)) {
      const file = path.join(cacheDir, name);
      const cached = await this.#read(file);
      const isFresh = this.#now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? 0) < CACHE_MS;
      if (cached && (isFresh || (cached.layer !== null && used.has(cached.layer)))) {
        if (cached.layer !== null) keep.add(cached.layer);
      } else {
        await rm(file, { force: true });
      }
    }
    const unused = (await list(this.#dir)).filter((name) => /^[0-9a-f]{16}$/.test(name) && !keep.has(name));
    for (const name of unused) await this.#remove(name);
    return unused.length;
  }

  /** Removes what interrupted runs left. Only at start, when no build runs. */
  async sweep(): Promise<void> {
    for (const name of await list(this.#dir)) {
      if (name.endsWith('.tmp')) await rm(path.join(this.#dir, name), { recursive: true, force: true });
    }
  }

  async #remove(id: string): Promise<void> {
    // Renamed first: a layer is there whole or not at all.
    const trash = this.path(`${id}.tmp`);
    await rename(this.path(id), trash);
    await rm(trash, { recursive: true, force: true });
  }

  #cacheFile(key: string): string {
    return path.join(this.#dir, 'cache', `${key}.json`);
  }

  async #read(file: string): Promise<CachedStep | undefined> {
    try {
      return cachedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

function newId(): string {
  return randomBytes(8).toString('hex');
}

/** The cache key of a step, from all that its outcome depends on. */
export function stepKey(inputs: unknown): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

async function list(dir: string): Promise<string[]> {
  return readdir(dir).catch((): string[] => []);
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
