import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where the kernel has no watch left for us, the file is taken for written this often (ms). */
const BLIND_MS = 5;

/** Says when something is written to a file. */
export type FileWatch = {
  /** Resolves when something was written since the last call, at the latest after `ms`. @returns whether it was */
  next(ms: number): Promise<boolean>;
  [Symbol.dispose](): void;
};

/** @param file has to exist */
export function watchFile(file: string): FileWatch {
  let written = false;
  let wake = () => {};
  let watcher: FSWatcher;
  try {
    watcher = watch(file, () => {
      written = true;
      wake();
    });
  } catch {
    return { next: (ms) => sleep(Math.min(ms, BLIND_MS), true), [Symbol.dispose]: () => {} };
  }
  watcher.on('error', () => {});
  return {
    async next(ms) {
      if (!written) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const before = written;
      written = false;
      return before;
    },
    [Symbol.dispose]: () => watcher.close(),
  };
}
