import { z } from 'zod';
import { encodeFrame } from '../envd/http/frames.ts';
import type { EnvdEndpoint } from '../sandboxes/types.ts';
import { CliError } from './command.ts';

/** Longest frame that is taken from envd, in bytes. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const Frame = z.object({
  event: z
    .object({
      start: z.object({ pid: z.number() }),
      data: z.object({ stdout: z.base64(), stderr: z.base64(), pty: z.base64() }).partial(),
      end: z.object({ exitCode: z.number().default(0), status: z.string().default('') }),
    })
    .partial()
    .optional(),
  error: z.object({ code: z.string(), message: z.string().default('') }).optional(),
});

export type TerminalSize = { cols: number; rows: number };

export type ProcessRequest = {
  command: string[];
  user: string;
  cwd?: string;
  envs: Record<string, string>;
  /** With a terminal of this size; otherwise with three pipes. */
  terminal?: TerminalSize;
};

export type ProcessOutput = { to: 'stdout' | 'stderr'; data: Buffer };

/** A program in a sandbox, run through its envd. */
export class EnvdProcess {
  readonly #envd: EnvdEndpoint;
  readonly #user: string;
  readonly #hasTerminal: boolean;
  readonly #frames: AsyncGenerator<z.infer<typeof Frame>>;
  readonly #pid: number;

  private constructor(
    envd: EnvdEndpoint,
    request: ProcessRequest,
    pid: number,
    frames: AsyncGenerator<z.infer<typeof Frame>>,
  ) {
    this.#envd = envd;
    this.#user = request.user;
    this.#hasTerminal = request.terminal !== undefined;
    this.#pid = pid;
    this.#frames = frames;
  }

  /** @throws CliError when envd does not answer or cannot start the program */
  static async start(envd: EnvdEndpoint, request: ProcessRequest): Promise<EnvdProcess> {
    const [cmd, ...args] = request.command;
    const { cwd, envs, terminal } = request;
    const body = {
      process: { cmd, args, envs, ...(cwd === undefined ? {} : { cwd }) },
      stdin: true,
      ...(terminal === undefined ? {} : { pty: { size: terminal } }),
    };
    const response = await call(envd, request.user, 'Start', encodeFrame(body), 'application/connect+json');
    if (response.body === null) throw new CliError('envd gave no answer');
    const frames = readFrames(response.body);
    const first = await frames.next();
    const pid = first.done ? undefined : first.value.event?.start?.pid;
    if (pid !== undefined) return new EnvdProcess(envd, request, pid, frames);
    throw new CliError((!first.done && first.value.error?.message) || 'the command did not start');
  }

  /** Its output as it comes. @returns its exit code, as a shell has it */
  async *output(): AsyncGenerator<ProcessOutput, number> {
    for await (const { event, error } of this.#frames) {
      if (error) throw new CliError(`the command was lost: ${error.message}`);
      const { stdout, stderr, pty } = event?.data ?? {};
      for (const text of [stdout, pty]) if (text) yield { to: 'stdout', data: Buffer.from(text, 'base64') };
      if (stderr) yield { to: 'stderr', data: Buffer.from(stderr, 'base64') };
      if (event?.end) return exitCode(event.end);
    }
    throw new CliError('the connection to the sandbox was lost', 'was it paused or killed? see: engine list');
  }

  async write(data: Buffer): Promise<void> {
    const text = data.toString('base64');
    await this.#send('SendInput', { input: this.#hasTerminal ? { pty: text } : { stdin: text } });
  }

  async closeInput(): Promise<void> {
    await this.#send('CloseStdin', {});
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#send('Update', { pty: { size } });
  }

  async signal(signal: 'SIGNAL_SIGTERM' | 'SIGNAL_SIGKILL'): Promise<void> {
    await this.#send('SendSignal', { signal });
  }

  async #send(method: string, body: object): Promise<void> {
    const text = JSON.stringify({ process: { pid: this.#pid }, ...body });
    await (await call(this.#envd, this.#user, method, text, 'application/json')).arrayBuffer();
  }
}

async function call(envd: EnvdEndpoint, user: string, method: string, body: string | Buffer, type: string) {
  const response = await fetch(`${envd.url}/process.Process/${method}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-access-token': envd.token,
      authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}`,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  }).catch((error: unknown) => {
    throw new CliError('The sandbox does not answer.', `engine list; ${error instanceof Error ? error.message : ''}`);
  });
  if (response.ok) return response;
  throw new CliError(`the sandbox refused: ${response.status} ${(await response.text()).slice(0, 300)}`);
}

/** Signals by the words that envd has for them. */
const SIGNAL_NUMBERS: Record<string, number> = {
  'signal: hangup': 1,
  'signal: interrupt': 2,
  'signal: aborted': 6,
  'signal: killed': 9,
  'signal: segmentation fault': 11,
  'signal: terminated': 15,
};

/** As a shell says it: the code, or 128 and the number of the signal; 255 for other ends. */
function exitCode(end: { exitCode: number; status: string }): number {
  if (end.exitCode >= 0) return end.exitCode & 0xff;
  const signal = SIGNAL_NUMBERS[end.status];
  return signal === undefined ? 255 : 128 + signal;
}

async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<z.infer<typeof Frame>> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    // Joined only once a whole frame is there.
    while (length >= 5) {
      if ((chunks[0]?.length ?? 0) < 5) chunks = [Buffer.concat(chunks)];
      const size = (chunks[0] ?? Buffer.alloc(5)).readUInt32BE(1);
      if (size > MAX_FRAME_BYTES) throw new CliError('the sandbox sent too much at once');
      if (length < 5 + size) break;
      const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      yield Frame.parse(JSON.parse(all.toString('utf8', 5, 5 + size)));
      chunks = [all.subarray(5 + size)];
      length = all.length - 5 - size;
    }
  }
}
