import { Children, type ProgramEnd } from './children.ts';
import { koffi } from './koffi.ts';
import { bindPosixSpawn, type PosixSpawn, type ProgramStart } from './posix-spawn.ts';

/** Where no signal tells of an end (in a worker thread, say) it is looked for this often (ms). */
const LOOK_MS = 50;

export type Vfork = Pick<PosixSpawn, 'pipe'> & {
  /** @throws Error with an errno's name as `code` */
  start(program: ProgramStart): { pid: number; ended: Promise<ProgramEnd> };
};

let bound: Vfork | null | undefined;

/** Null where it is not to be had: then fork(2) takes its place. */
export function vfork(): Vfork | null {
  if (bound === undefined) bound = bind();
  return bound;
}

function bind(): Vfork | null {
  const library = koffi();
  if (library === null) return null;
  try {
    const { pipe, start, entersFolders } = bindPosixSpawn(library);
    // This process has other threads, which count on its folder.
    if (!entersFolders) return null;
    const children = new Children(library, { lookEveryMs: LOOK_MS });
    return {
      pipe,
      start: (program) => {
        const pid = start(program);
        return { pid, ended: children.end(pid) };
      },
    };
  } catch {
    // An old C library.
    return null;
  }
}
