import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { vfork, type Vfork } from './vfork.ts';

export type ProgramOptions = {
  env: Record<string, string>;
  cwd?: string | undefined;
  /** Whether it reads from `stdin`; nothing is to be read otherwise. */
  hasInput: boolean;
  /** File descriptor for both of the program's output streams, which are not to be read then. */
  outputFd?: number | undefined;
};

/** A program of the host that runs. */
export type Program = {
  stdin: Writable | null;
  stdout: Readable | null;
  stderr: Readable | null;
  /** Its exit code, null after a signal, once its output streams are closed too. Rejects when it could not be started. */
  ended: Promise<number | null>;
  kill(): void;
};

/** @throws Error with `code` ENOENT when there is no such program; `ended` may reject with it instead */
export function startProgram(file: string, args: string[], options: ProgramOptions): Program {
  const fast = vfork();
  return fast === null ? startWithFork(file, args, options) : startWithVfork(fast, file, args, options);
}

export function startWithFork(file: string, args: string[], options: ProgramOptions): Program {
  const output = options.outputFd ?? 'pipe';
  const child = spawn(file, args, {
    stdio: [options.hasInput ? 'pipe' : 'ignore', output, output],
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, ended, kill: () => void child.kill('SIGKILL') };
}

function startWithVfork(fast: Vfork, name: string, args: string[], options: ProgramOptions): Program {
  const file = findProgram(name, options.env.PATH ?? '');
  /** The program's own ends, which this process gives up once it runs. */
  const theirs: number[] = [];
  const ours: number[] = [];
  const give = (end: number) => {
    theirs.push(end);
    return end;
  };
  const output = () => {
    if (options.outputFd !== undefined) return options.outputFd;
    const { read, write } = fast.pipe();
    ours.push(read);
    return give(write);
  };
  try {
    let input: number;
    if (options.hasInput) {
      const { read, write } = fast.pipe();
      ours.push(write);
      input = give(read);
    } else input = give(openSync('/dev/null', constants.O_RDONLY));
    const stdio = [input, output(), output()];
    const { pid, ended } = fast.start({ file, args, environment: options.env, cwd: options.cwd, stdio });

    let hasEnded = false;
    const streams = ours.splice(0).map((fd, index) => {
      const isInput = options.hasInput && index === 0;
      return new Socket({ fd, readable: !isInput, writable: isInput });
    });
    const stdin = options.hasInput ? (streams.shift() ?? null) : null;
    const closed = streams.map((stream) => new Promise((resolve) => stream.once('close', resolve)));
    const exited = ended.then(({ code }) => {
      hasEnded = true;
      stdin?.destroy();
      return code;
    });
    return {
      stdin,
      stdout: streams[0] ?? null,
      stderr: streams[1] ?? null,
      ended: Promise.all([exited, ...closed]).then(([code]) => code),
      // Until its end was taken note of, nobody else can have its id.
      kill: () => void (hasEnded || process.kill(pid, 'SIGKILL')),
    };
  } finally {
    for (const fd of [...theirs, ...ours]) closeSync(fd);
  }
}

/** As execvp(3) looks for it. */
function findProgram(name: string, searched: string): string {
  if (name.includes('/')) return name;
  for (const folder of searched.split(':')) {
    const file = path.join(folder || '.', name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  throw Object.assign(new Error(`spawn ${name} ENOENT`), { code: 'ENOENT' });
}
