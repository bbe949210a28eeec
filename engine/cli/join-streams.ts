import type { EnvdProcess } from './envd-process.ts';

const SIGNALS = { SIGINT: 'SIGNAL_SIGTERM', SIGTERM: 'SIGNAL_SIGTERM', SIGHUP: 'SIGNAL_SIGTERM' } as const;

/**
 * Joins the streams of this process with those of a program in a sandbox until that ends.
 * @param isTerminal every key goes to the program, Ctrl-C too, and its size follows that of the terminal here
 * @returns its exit code
 */
export async function joinStreams(started: EnvdProcess, isTerminal: boolean): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const restore: (() => void)[] = [];
  const on = (target: NodeJS.EventEmitter, event: string, listener: () => void) => {
    target.on(event, listener);
    restore.push(() => target.off(event, listener));
  };
  if (isTerminal) {
    stdin.setRawMode(true);
    restore.push(() => stdin.setRawMode(false));
    on(stdout, 'resize', () => void started.resize({ cols: stdout.columns, rows: stdout.rows }).catch(() => {}));
  } else {
    for (const [name, signal] of Object.entries(SIGNALS))
      on(process, name, () => void started.signal(signal).catch(() => {}));
  }
  void sendInput(started, isTerminal);
  try {
    const output = started.output();
    for (;;) {
      const next = await output.next();
      if (next.done) return next.value;
      const target = next.value.to === 'stdout' ? stdout : stderr;
      if (!target.write(next.value.data)) await new Promise((resolve) => target.once('drain', resolve));
    }
  } finally {
    for (const undo of restore) undo();
    // Whoever types here would otherwise keep this process alive.
    stdin.destroy();
  }
}

/** One piece after the other, so that they arrive in order and no faster than they are read. */
async function sendInput(started: EnvdProcess, isTerminal: boolean): Promise<void> {
  try {
    for await (const piece of process.stdin) await started.write(Buffer.from(piece as Uint8Array));
    if (!isTerminal) await started.closeInput();
  } catch {
    // The program has ended, or does not read: its exit code tells the rest.
  }
}
