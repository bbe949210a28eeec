import { constants } from 'node:os';
import { errnoError, type Koffi } from './koffi.ts';

/** spawn.h */
const POSIX_SPAWN_SETSIGDEF = 4;
const POSIX_SPAWN_SETSIGMASK = 8;
const POSIX_SPAWN_SETSID = 0x80;
/** fcntl.h */
const O_CLOEXEC = 0o2000000;

/** More than any C library's posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t take. */
const STRUCTURE_BYTES = 1024;

export type ProgramStart = {
  /** Where the program is: it is not searched for. */
  file: string;
  /** Without the program's name, which comes first. */
  args: string[];
  environment: Record<string, string>;
  cwd?: string | undefined;
  /** Descriptors that become 0, 1, 2 and so on; all are closed in it that are to be closed on exec. */
  stdio: number[];
  /** Whether it leads a session (and so a process group) of its own. */
  ownSession?: boolean;
};

export type PosixSpawn = {
  /** False where the C library is too old for it, so that this process enters a program's folder for a moment. */
  entersFolders: boolean;
  /** Both ends are closed in programs that are started, but for the one that is given to `start`. */
  pipe(): { read: number; write: number };
  /**
   * Starts a program with the ids of the calling thread, without copying the memory maps of this process as fork(2)
   * does: with vfork(2) it takes 0.2 to 0.5 ms instead of 2 to 10, by the size of this process.
   * @returns its pid. Nobody waits for its end: see `Children`.
   * @throws Error with an errno's name as `code`
   */
  start(program: ProgramStart): number;
};

/** @throws Error for a C library without these functions */
export function bindPosixSpawn(ffi: Koffi): PosixSpawn {
  const library = ffi.load(null);
  const func = (declaration: string) => library.func(declaration);
  const spawn = func(
    'int posix_spawn(void *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
  );
  const initActions = func('int posix_spawn_file_actions_init(void *actions)');
  const destroyActions = func('int posix_spawn_file_actions_destroy(void *actions)');
  const addDup2 = func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)');
  const pipe2 = func('int pipe2(void *fds, int flags)');
  const addChdir = optional(() => func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)'));

  const attributes = (flags: number): Buffer => {
    const made = Buffer.alloc(STRUCTURE_BYTES);
    const signals = Buffer.alloc(STRUCTURE_BYTES);
    func('int posix_spawnattr_init(void *attributes)')(made);
    func('int posix_spawnattr_setflags(void *attributes, short flags)')(made, flags);
    func('int sigemptyset(void *signals)')(signals);
    func('int posix_spawnattr_setsigmask(void *attributes, const void *signals)')(made, signals);
    // Node ignores some, and what is ignored stays so in another program.
    func('int sigfillset(void *signals)')(signals);
    func('int posix_spawnattr_setsigdefault(void *attributes, const void *signals)')(made, signals);
    return made;
  };
  const usual = attributes(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const leading = attributes(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

  return {
    entersFolders: addChdir !== null,
    pipe() {
      const fds = Buffer.alloc(8);
      if (pipe2(fds, O_CLOEXEC) !== 0) throw errnoError('pipe2', ffi.errno());
      return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) };
    },
    start({ file, args, environment, cwd, stdio, ownSession }) {
      const actions = Buffer.alloc(STRUCTURE_BYTES);
      const pid = Buffer.alloc(4);
      const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      // A null character would end a string early, and so change what it says.
      if ([file, ...args, ...variables].some((text) => text.includes('\0')))
        throw errnoError('posix_spawn', constants.errno.EINVAL);
      initActions(actions);
      const leave = cwd === undefined || addChdir ? () => {} : enter(cwd);
      try {
        for (const [target, fd] of stdio.entries()) addDup2(actions, fd, target);
        if (cwd !== undefined) addChdir?.(actions, cwd);
        const chosen = ownSession ? leading : usual;
        const errno = spawn(pid, file, actions, chosen, [file, ...args, null], [...variables, null]);
        if (errno !== 0) throw errnoError('posix_spawn', errno);
      } finally {
        leave();
        destroyActions(actions);
      }
      return pid.readInt32LE(0);
    },
  };
}

function optional<Result>(bind: () => Result): Result | null {
  try {
    return bind();
  } catch {
    return null;
  }
}

/** For a C library (glibc before 2.29) that cannot have the program enter its folder. @returns goes back */
function enter(folder: string): () => void {
  const before = process.cwd();
  process.chdir(folder);
  return () => process.chdir(before);
}
