import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { context, type BuildContext, type BuildFailure, type Message, type Metafile } from 'esbuild';
import { ENTRY, entryPlugin } from './entry-plugin.ts';
import type { SourceError } from './health.ts';
import { sharedStoresPlugin } from './shared-stores-plugin.ts';

export type Bundle = {
  file: string;
  /** Packages that the code imports. */
  packages: string[];
  /** Folders with source files, to be watched. */
  folders: string[];
};

export type BundleResult =
  /** The very bundle of the last time if the sources give nothing else. */
  { kind: 'built'; bundle: Bundle } | { kind: 'failed'; errors: SourceError[] };

/** How many bundles stay on disk beside those that are needed. */
const KEPT_BUNDLES = 3;
const MAX_ERRORS = 50;

/**
 * Turns src/mastra into one file that imports its packages from the project's node_modules. The file lies in
 * node_modules/.cache, where those packages are found and which no repository keeps.
 */
export class Bundler {
  readonly #projectDir: string;
  readonly #outputDir: string;
  #context: BuildContext | undefined;
  #written: string[] = [];
  #needed: ReadonlySet<string> = new Set();
  #last: { hash: string; bundle: Bundle } | undefined;
  #count = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(projectDir: string) {
    this.#projectDir = projectDir;
    this.#outputDir = join(projectDir, 'node_modules', '.cache', 'shmastra');
  }

  build(): Promise<BundleResult> {
    const next = this.#queue.then(() => this.#build());
    this.#queue = next;
    return next;
  }

  /** What the code imported when it was bundled last. */
  get packages(): string[] {
    return this.#last?.bundle.packages ?? [];
  }

  /** These stay on disk, however many others come after them. */
  keep(bundles: (Bundle | undefined)[]): void {
    this.#needed = new Set(bundles.flatMap((bundle) => bundle?.file ?? []));
  }

  async #build(): Promise<BundleResult> {
    try {
      this.#context ??= await this.#createContext();
      const result = await this.#context.rebuild();
      const code = result.outputFiles?.find((file) => file.path.endsWith('.mjs'));
      const map = result.outputFiles?.find((file) => file.path.endsWith('.map'));
      if (code === undefined || map === undefined || result.metafile === undefined) {
        throw new Error('esbuild gave no output');
      }
      const hash = code.hash + map.hash;
      if (hash === this.#last?.hash && existsSync(this.#last.bundle.file)) {
        return { kind: 'built', bundle: this.#last.bundle };
      }
      const file = await this.#write(code.contents, map.contents);
      const bundle = { file, ...readMetafile(result.metafile, this.#projectDir) };
      this.#last = { hash, bundle };
      return { kind: 'built', bundle };
    } catch (error) {
      this.#last = undefined;
      return { kind: 'failed', errors: describeBuildErrors(error, this.#projectDir) };
    }
  }

  /** Writes a module that loads the packages of the project, for an app process to warm up with. */
  async writePreload(packages: string[]): Promise<string> {
    const text = `await Promise.allSettled(${JSON.stringify(packages)}.map((name) => import(name)));\n`;
    const file = join(this.#outputDir, `preload-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`);
    await mkdir(this.#outputDir, { recursive: true });
    // A process may be reading it.
    if (!existsSync(file)) await writeFile(file, text);
    return file;
  }

  async close(): Promise<void> {
    await this.#context?.dispose();
  }

  async #createContext(): Promise<BuildContext> {
    // Bundles of an earlier run: a new one starts to count from 1 again.
    await rm(this.#outputDir, { recursive: true, force: true });
    await mkdir(this.#outputDir, { recursive: true });
    return context({
      absWorkingDir: this.#projectDir,
      entryPoints: [{ in: ENTRY, out: 'bundle' }],
      outdir: this.#outputDir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      packages: 'external',
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      define: {
        __dirname: JSON.stringify(join(this.#projectDir, 'src', 'mastra')),
        __filename: JSON.stringify(join(this.#projectDir, 'src', 'mastra', 'index.ts')),
      },
      plugins: [entryPlugin(this.#projectDir), sharedStoresPlugin(this.#projectDir)],
    });
  }

  async #write(code: Uint8Array, map: Uint8Array): Promise<string> {
    // Node never loads the same path twice, hence a new name for each version.
    const file = join(this.#outputDir, `${process.pid}-${++this.#count}.mjs`);
    // An install may have replaced node_modules as a whole.
    await mkdir(this.#outputDir, { recursive: true });
    await Promise.all([writeFile(file, code), writeFile(`${file}.map`, map)]);
    this.#written.push(file);
    const spare = this.#written.filter((written) => !this.#needed.has(written)).slice(0, -KEPT_BUNDLES);
    this.#written = this.#written.filter((written) => !spare.includes(written));
    await Promise.all(spare.flatMap((old) => [rm(old, { force: true }), rm(`${old}.map`, { force: true })]));
    return file;
  }
}

function readMetafile(metafile: Metafile, projectDir: string): { packages: string[]; folders: string[] } {
  const packages = new Set<string>();
  const folders = new Set<string>();
  for (const [path, input] of Object.entries(metafile.inputs)) {
    if (!path.includes(':') && !path.includes('node_modules')) folders.add(dirname(resolve(projectDir, path)));
    for (const imported of input.imports) {
      if (imported.external && !imported.path.startsWith('node:') && !isAbsolute(imported.path)) {
        packages.add(imported.path);
      }
    }
  }
  return { packages: [...packages].sort(), folders: [...folders].sort() };
}

function describeBuildErrors(error: unknown, projectDir: string): SourceError[] {
  const { errors = [] } = error as Partial<BuildFailure>;
  if (errors.length === 0) return [{ message: error instanceof Error ? error.message : String(error) }];
  return errors.slice(0, MAX_ERRORS).map((one) => describeMessage(one, projectDir));
}

function describeMessage({ text, location }: Message, projectDir: string): SourceError {
  if (location === null) return { message: text };
  const file = isAbsolute(location.file) ? location.file.slice(projectDir.length + 1) : location.file;
  return { message: text, file, line: location.line, column: location.column + 1 };
}
