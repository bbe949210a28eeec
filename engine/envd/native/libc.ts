import { constants } from 'node:os';
import type { Koffi } from '../../runtime/koffi.ts';
import { EnvdError } from '../http/errors.ts';

/** Functions of the C library that Node has no call for. All of them return -1 on failure: see {@link Libc.check}. */
export type Libc = {
  ioctl: (fd: number, request: number, argument: Buffer) => number;
  inotifyInit: (flags: number) => number;
  inotifyAddWatch: (fd: number, path: string, mask: number) => number;
  inotifyRemoveWatch: (fd: number, descriptor: number) => number;
  listXattrs: (path: string, names: Buffer, size: number) => number;
  listXattrsOfLink: (path: string, names: Buffer, size: number) => number;
  getXattrOfLink: (path: string, name: string, value: Buffer, size: number) => number;
  setXattr: (path: string, name: string, value: Buffer, size: number, flags: number) => number;
  removeXattr: (path: string, name: string) => number;
  /** Gives free memory back to the kernel, but for `pad` bytes. */
  mallocTrim: (pad: number) => number;
  /**
   * Passes a result of the functions above on.
   * @throws Error with the errno's name as `code`, like those of Node's own calls, when it is -1.
   */
  check: (result: number, call: string) => number;
};

let file: string | undefined;
let addon: Koffi | undefined;
let loaded: Libc | undefined;

/** Says where koffi's addon is. It is loaded when first needed: 1 ms, 1 MB. */
export function useKoffi(place: string): void {
  file = place;
}

/**
 * Calls functions of the C library.
 * @throws EnvdError unavailable when the addon cannot be loaded here.
 */
export function koffi(): Koffi {
  addon ??= loadKoffi();
  return addon;
}

/** @throws EnvdError unavailable when the addon cannot be loaded here. */
export function libc(): Libc {
  loaded ??= bind(koffi());
  return loaded;
}

function loadKoffi(): Koffi {
  const holder: { exports: unknown } = { exports: {} };
  try {
    if (!file) throw new Error('its place is not known');
    process.dlopen(holder, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new EnvdError('unavailable', `the C library cannot be called in this sandbox: ${reason}`);
  }
  // The addon's exports have no types of their own; the toolbox holds the one version that this was written for.
  return holder.exports as Koffi;
}

function bind(ffi: Koffi): Libc {
  // Null is this process itself, which has its C library loaded: no file that the sandbox's users may have changed.
  const library = ffi.load(null);
  const names = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));
  return {
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)'),
    inotifyInit: library.func('int inotify_init1(int flags)'),
    inotifyAddWatch: library.func('int inotify_add_watch(int fd, const char *path, uint32_t mask)'),
    inotifyRemoveWatch: library.func('int inotify_rm_watch(int fd, int descriptor)'),
    listXattrs: library.func('intptr_t listxattr(const char *path, void *names, size_t size)'),
    listXattrsOfLink: library.func('intptr_t llistxattr(const char *path, void *names, size_t size)'),
    getXattrOfLink: library.func('intptr_t lgetxattr(const char *path, const char *name, void *value, size_t size)'),
    setXattr: library.func('int setxattr(const char *path, const char *name, void *value, size_t size, int flags)'),
    removeXattr: library.func('int removexattr(const char *path, const char *name)'),
    mallocTrim: library.func('int malloc_trim(size_t pad)'),
    check: (result, call) => {
      if (result >= 0) return result;
      const code = names.get(ffi.errno()) ?? 'UNKNOWN';
      throw Object.assign(new Error(`${call} failed: ${code}`), { code, syscall: call });
    },
  };
}
