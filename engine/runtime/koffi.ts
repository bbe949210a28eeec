import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** What is used of koffi (koffi.dev), a foreign function interface for Node. */
export type Koffi = {
  /** Null is this process itself, which has its C library loaded. */
  load(path: null): { func(declaration: string): CFunction };
  errno(): number;
};
export type CFunction = {
  (...values: unknown[]): number;
  /** Runs on Node's thread pool. */
  async(...values: [...unknown[], (error: Error | null, result: number) => void]): void;
};

let loaded: Koffi | null | undefined;

/** Null where koffi has no build for this machine. */
export function koffi(): Koffi | null {
  if (loaded === undefined) {
    const platform = `linux-${process.arch}`;
    const addon = `@koromix/koffi-${platform}/${platform.replace('-', '_')}/koffi.node`;
    try {
      // The addon's exports have no types of their own; package.json holds the one version that this was written for.
      loaded = createRequire(import.meta.url)(addon) as Koffi;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

const names = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** An Error with the errno's name as `code`, like those of Node's own calls. */
export function errnoError(syscall: string, errno: number): Error {
  const code = names.get(errno) ?? 'UNKNOWN';
  return Object.assign(new Error(`${syscall} failed: ${code}`), { code, syscall });
}
