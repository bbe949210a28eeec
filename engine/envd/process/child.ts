import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { Children, type ProgramEnd } from '../../runtime/children.ts';
import { bindPosixSpawn, type PosixSpawn, type ProgramStart } from '../../runtime/posix-spawn.ts';
import { koffi } from '../native/libc.ts';

/** The pipes of a command: its output, with or without standard input, or none for one that opens a terminal. */
export type Pipes = 'output' | 'input and output' | 'none';

/** A command that was started. */
export type Child = {
  pid: number;
  stdin: Writable | null;
  stdout: Readable | null;
  stderr: Readable | null;
  /** Settles when it has ended; its output may still be open elsewhere. */
  exited: Promise<ProgramEnd>;
};

type Program = Omit<ProgramStart, 'stdio' | 'ownSession'> & {
  /** Open files that become its descriptors 3 and up. */
  descriptors: number[];
};

/** Calls its argument with the ids that a command is to have. */
export type WithIds = <Result>(action: () => Result) => Result;

let bound: (PosixSpawn & { children: Children; nothing: number }) | undefined;

/**
 * Starts a program as the leader of a session of its own.
 * @param withIds Also its pipes are made with these ids, so that it can open them again (`/dev/stdout`).
 * @throws Error with an errno's name as `code`; EnvdError unavailable
 */
export function startChild(program: Program, pipes: Pipes, withIds: WithIds): Child {
  const { pipe, start, children, nothing } = (bound ??= bind());
  /** The program's own ends, which this process gives up once it runs. */
  const theirs: number[] = [];
  const ours: number[] = [];
  const open = (isInput: boolean): number => {
    const { read, write } = pipe();
    theirs.push(isInput ? read : write);
    ours.push(isInput ? write : read);
    return isInput ? read : write;
  };
  try {
    const pid = withIds(() => {
      const stdin = pipes === 'input and output' ? open(true) : nothing;
      const outputs = pipes === 'none' ? [nothing, nothing] : [open(false), open(false)];
      return start({ ...program, stdio: [stdin, ...outputs, ...program.descriptors], ownSession: true });
    });
    const exited = children.end(pid);
    const input = pipes === 'input and output' ? ours.shift() : undefined;
    const [stdout, stderr] = ours.splice(0).map((fd) => new Socket({ fd, readable: true, writable: false }));
    return {
      pid,
      stdin: input === undefined ? null : new Socket({ fd: input, readable: false, writable: true }),
      stdout: stdout ?? null,
      stderr: stderr ?? null,
      exited,
    };
  } finally {
    for (const fd of [...theirs, ...ours]) closeSync(fd);
  }
}

function bind(): NonNullable<typeof bound> {
  const ffi = koffi();
  const children = new Children(ffi, { takesAll: process.pid === 1 });
  return { ...bindPosixSpawn(ffi), children, nothing: openSync('/dev/null', 'r+') };
}
