import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EngineError } from '../api/errors.ts';

/** Lines of output that are kept for the error message. */
const KEPT_LINES = 15;

const running = new Set<ChildProcess>();

/** Ends all programs at once, with those that they started: they would clean up for long what nobody needs any more. */
export function killPrograms(): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
}

/** Building an image failed on the host. */
export class ImageBuildError extends EngineError {
  constructor(message: string, cause?: unknown) {
    super(500, message, { cause });
  }
}

/**
 * Runs a program of the host that takes a while and hands over its output line by line.
 * @param timeoutMs It is killed after this.
 * @throws ImageBuildError with the last lines of its output.
 */
export async function runWithProgress(
  file: string,
  args: string[],
  options: { onLine: (line: string) => void; timeoutMs: number; env?: Record<string, string | undefined> },
): Promise<void> {
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    timeout: options.timeoutMs,
    killSignal: 'SIGTERM',
    // A process group of its own.
    detached: true,
  });
  running.add(child);
  const last: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      last.push(line);
      if (last.length > KEPT_LINES) last.shift();
      options.onLine(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new ImageBuildError(`cannot run ${file}: ${error.message}`, error)));
    child.once('close', resolve);
  }).finally(() => running.delete(child));
  if (code !== 0) throw new ImageBuildError(`${file} failed (${code ?? 'killed'}): ${last.join('\n')}`);
}
