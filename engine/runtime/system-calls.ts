import { errnoError, type Koffi, koffi } from './koffi.ts';

/**
 * Calls into the kernel that Node has none for. A program that makes one instead costs some milliseconds. They run on
 * Node's thread pool.
 * All reject with an Error whose `code` is the errno's name, like those of Node's own calls.
 */
export type SystemCalls = {
  /** mount(2). @param data the file system's options */
  mount(source: string, target: string, type: string, flags: number, data: string): Promise<void>;
  /** umount2(2) */
  unmount(target: string, flags: number): Promise<void>;
  /** ioctl(2) with a number or a structure as its argument; gives what it returns. */
  ioctl(fd: number, request: number, argument: number | Buffer): Promise<number>;
  /** lseek(2); gives the offset. */
  seek(fd: number, offset: number, whence: number): Promise<number>;
};

let bound: SystemCalls | null | undefined;

/** Null where koffi has no build for this machine: then programs of the host do the work. */
export function systemCalls(): SystemCalls | null {
  if (bound === undefined) {
    const library = koffi();
    bound = library === null ? null : bind(library);
  }
  return bound;
}

function bind(ffi: Koffi): SystemCalls {
  const library = ffi.load(null);
  const call = (name: string, declaration: string) => {
    const run = library.func(declaration);
    return (...values: unknown[]) =>
      new Promise<number>((resolve, reject) => {
        run.async(...values, (error, result) => {
          if (error !== null) return reject(error);
          if (result >= 0) return resolve(result);
          reject(errnoError(name, ffi.errno()));
        });
      });
  };
  const mount = call(
    'mount',
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  );
  const unmount = call('umount2', 'int umount2(const char *target, int flags)');
  const seek = call('lseek', 'int64_t lseek(int fd, int64_t offset, int whence)');
  const ioctl = call('ioctl', 'int ioctl(int fd, unsigned long request, void *argument)');
  const ioctlWithNumber = call('ioctl', 'int ioctl(int fd, unsigned long request, uintptr_t argument)');
  return {
    async mount(...values) {
      await mount(...values);
    },
    async unmount(...values) {
      await unmount(...values);
    },
    ioctl: (fd, request, argument) =>
      typeof argument === 'number' ? ioctlWithNumber(fd, request, argument) : ioctl(fd, request, argument),
    seek: (fd, offset, whence) => seek(fd, offset, whence),
  };
}
