import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundler.ts';

/**
 * The last version that was live, kept for the next start of the runner: it serves then while the code of now cannot. In
 * node_modules, where its packages are found; an install that replaces them as a whole takes it along.
 */
export class FormerVersion {
  readonly #folder: string;
  #kept: string | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(projectDir: string) {
    this.#folder = join(projectDir, 'node_modules', '.cache', 'shmastra-former');
  }

  /** Null when there is none, or it is not whole. */
  async load(): Promise<Bundle | null> {
    try {
      const { packages, folders } = JSON.parse(await readFile(this.#file('version.json'), 'utf8')) as Partial<Bundle>;
      if (!Array.isArray(packages) || !Array.isArray(folders)) return null;
      return { file: this.#file('bundle.mjs'), packages, folders };
    } catch {
      return null;
    }
  }

  /** Keeps this one instead. One after another, and the latest is what stays. */
  keep(bundle: Bundle): Promise<void> {
    if (bundle.file === this.#kept || bundle.file === this.#file('bundle.mjs')) return this.#queue;
    this.#kept = bundle.file;
    return (this.#queue = this.#queue.then(() => this.#write(bundle)));
  }

  async #write({ file, packages, folders }: Bundle): Promise<void> {
    // A newer one is waiting.
    if (file !== this.#kept) return;
    const fresh = `${this.#folder}.new`;
    try {
      await rm(fresh, { recursive: true, force: true });
      await mkdir(fresh, { recursive: true });
      await copyFile(file, join(fresh, 'bundle.mjs'));
      await copyFile(`${file}.map`, join(fresh, 'bundle.mjs.map'));
      await writeFile(join(fresh, 'version.json'), JSON.stringify({ packages, folders }));
      await rm(this.#folder, { recursive: true, force: true });
      await rename(fresh, this.#folder);
    } catch {
      // A full disk, or an install in between: the next version is kept again.
      this.#kept = undefined;
    }
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}
