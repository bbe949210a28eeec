import { HostError } from '../api/errors.ts';
import { startProgram } from './program.ts';

/** Output kept per stream, in characters: enough for an error message, bounded against a chatty program. */
const OUTPUT_LIMIT = 1_000_000;

export type CommandOptions = {
  input?: string;
  /** After it the program is killed and the call fails. Default 15 000 ms. */
  timeoutMs?: number;
  /** File descriptor for both of the program's output streams, which are then not captured. */
  outputFd?: number;
  env?: Record<string, string>;
  /** Kills the program; the call fails then. */
  signal?: AbortSignal;
  cwd?: string;
};

export class CommandError extends HostError {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(file: string, args: string[], exitCode: number | null, stderr: string) {
    const reason = stderr.trim().split('\n').slice(-5).join('; ').slice(-600);
    super(`${file} ${args[0] ?? ''} failed (${exitCode ?? 'killed'})${reason ? `: ${reason}` : ''}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/**
 * Runs a program of the host to its end, without a shell, and gives its standard output.
 * @throws CommandError when it cannot be started, fails or takes too long.
 */
export async function command(file: string, args: string[], options: CommandOptions = {}): Promise<string> {
  let stdout = '';
  let stderr = '';
  let exitCode: number | null;
  let timer: NodeJS.Timeout | undefined;
  let end = () => {};
  try {
    const program = startProgram(file, args, {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...options.env },
      cwd: options.cwd,
      hasInput: options.input !== undefined,
      outputFd: options.outputFd,
    });
    program.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < OUTPUT_LIMIT) stdout += text;
    });
    program.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < OUTPUT_LIMIT) stderr += text;
    });
    end = () => program.kill();
    timer = setTimeout(end, options.timeoutMs ?? 15_000);
    options.signal?.addEventListener('abort', end, { once: true });
    if (options.signal?.aborted) end();
    // A program that ends without reading its input gives EPIPE here; its exit code tells the story.
    program.stdin?.on('error', () => {});
    program.stdin?.end(options.input);
    exitCode = await program.ended;
  } catch (error) {
    throw new CommandError(file, args, null, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
  }
  if (exitCode !== 0) throw new CommandError(file, args, exitCode, stderr);
  return stdout;
}
