import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'undici';
import { initEnvd } from '../envd/client.ts';
import { ProcessStreamError, streamProcess } from '../envd/client-stream.ts';
import type { RunningSandbox, StartCommand } from '../sandboxes/types.ts';
import { LineSplitter } from './build-log.ts';
import type { Settings } from './records.ts';

/** Lines of a command's error output that go into the message of its failure. */
const KEPT_LINES = 5;
const UPLOAD_MS = 30 * 60_000;

export type OutputLine = (from: 'stdout' | 'stderr', line: string) => void;

/** Node, npm and shells die of SIGKILL when the kernel has no memory for them. */
function describe({ status, exitCode }: { status: string; exitCode: number }): string {
  const isKilled = status === 'signal: killed' || exitCode === 137;
  return isKilled ? `${status} (killed: perhaps it needs more memory than a build has)` : status;
}

/** A command of the build ended with a failure. */
export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** The sandbox that a group of steps runs in. */
export class BuildSandbox {
  readonly #sandbox: RunningSandbox;
  readonly #signal: AbortSignal;

  /** @param signal Ends the build. */
  constructor(sandbox: RunningSandbox, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#signal = signal;
  }

  /** Sets what the commands that follow run with. */
  async apply(settings: Settings): Promise<void> {
    await initEnvd(this.#sandbox.envd, {
      envVars: settings.env,
      defaultUser: settings.user,
      ...(settings.workdir === undefined ? {} : { defaultWorkdir: settings.workdir }),
    });
  }

  /**
   * Runs a command to its end.
   * @param timeoutMs It is killed after this.
   * @throws CommandFailure with its exit status and the end of its error output.
   */
  async run(command: StartCommand, timeoutMs: number, onLine: OutputLine): Promise<void> {
    const errors: string[] = [];
    const lines = {
      stdout: new LineSplitter((line) => onLine('stdout', line)),
      stderr: new LineSplitter((line) => {
        errors.push(line);
        if (errors.length > KEPT_LINES) errors.shift();
        onLine('stderr', line);
      }),
    };
    try {
      for await (const event of streamProcess(this.#sandbox.envd, command, this.#signal, timeoutMs)) {
        if (event.kind === 'output') lines[event.from].write(event.data);
        if (event.kind !== 'end') continue;
        lines.stdout.end();
        lines.stderr.end();
        if (event.exitCode === 0) return;
        throw new CommandFailure([describe(event), ...errors].join('\n'));
      }
      throw new CommandFailure('the connection to the build sandbox was lost');
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof CommandFailure) throw error;
      if (!(error instanceof ProcessStreamError)) throw new CommandFailure('the build sandbox was lost');
      const isLate = error.code === 'deadline_exceeded';
      const refused = `command failed: ${error.code}: ${error.message}`;
      throw new CommandFailure(isLate ? `it took longer than ${Math.round(timeoutMs / 1000)} s` : refused);
    }
  }

  /** Copies a file of the host to `path` in the sandbox, as root. */
  async upload(file: string, path: string): Promise<void> {
    const { size } = await stat(file);
    const query = new URLSearchParams({ path, username: 'root' });
    const { statusCode, body } = await request(`${this.#sandbox.envd.url}/files?${query}`, {
      method: 'POST',
      headers: {
        'x-access-token': this.#sandbox.envd.token,
        'content-type': 'application/octet-stream',
        'content-length': String(size),
      },
      body: createReadStream(file),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(UPLOAD_MS)]),
    });
    const text = await body.text();
    if (statusCode !== 200)
      throw new CommandFailure(`copying into the sandbox failed: ${statusCode} ${text.slice(0, 300)}`);
  }
}
