import * as z from 'zod';
import type { EnvdEndpoint, StartCommand } from '../sandboxes/types.ts';
import { encodeFrame } from './http/frames.ts';

/** Longest frame taken from envd, in bytes: a sandbox must not fill the engine's memory. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** Longest text of an error that is read. */
const MAX_TEXT_BYTES = 64 * 1024;

const frame = z.object({
  event: z
    .object({
      start: z.object({ pid: z.number() }),
      data: z.object({ stdout: z.base64(), stderr: z.base64() }).partial(),
      end: z.object({ exitCode: z.number().default(0), status: z.string() }),
    })
    .partial()
    .optional(),
  error: z.object({ code: z.string(), message: z.string().default('') }).optional(),
});

export type ProcessStreamEvent =
  | { kind: 'start'; pid: number }
  | { kind: 'output'; from: 'stdout' | 'stderr'; data: Buffer }
  | { kind: 'end'; exitCode: number; status: string };

/** Envd ended the stream with an error; `code` is Connect's. */
export class ProcessStreamError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ProcessStreamError';
    this.code = code;
  }
}

/** A program without a shell, as envd's Start takes it. */
type Program = {
  user: string;
  process: { cmd: string; args?: string[]; envs?: Record<string, string>; cwd?: string };
  tag?: string;
};

/**
 * Runs `cmd` in a login shell as E2B's SDKs do and yields what happens to it.
 * Leaving the loop ends the connection, not the command.
 * @param timeoutMs The command is killed then; none by default.
 */
export function streamProcess(
  envd: EnvdEndpoint,
  command: StartCommand,
  signal: AbortSignal,
  timeoutMs?: number,
): AsyncGenerator<ProcessStreamEvent> {
  const { user, tag, envs, cwd } = command;
  const process = {
    ...{ cmd: '/bin/bash', args: shellArguments(command) },
    ...(envs === undefined ? {} : { envs }),
    ...(cwd === undefined ? {} : { cwd }),
  };
  return streamProgram(envd, { user, process, ...(tag === undefined ? {} : { tag }) }, signal, timeoutMs);
}

/** The same for a program. */
export async function* streamProgram(
  envd: EnvdEndpoint,
  { user, ...start }: Program,
  signal: AbortSignal,
  timeoutMs?: number,
): AsyncGenerator<ProcessStreamEvent> {
  const response = await fetch(`${envd.url}/process.Process/Start`, {
    method: 'POST',
    headers: {
      'content-type': 'application/connect+json',
      'x-access-token': envd.token,
      authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}`,
      ...(timeoutMs === undefined ? {} : { 'connect-timeout-ms': String(Math.ceil(timeoutMs)) }),
    },
    body: new Uint8Array(encodeFrame({ ...start, stdin: false })),
    signal,
  });
  if (!response.ok || !response.body) {
    throw new ProcessStreamError(
      'unavailable',
      `envd answered ${response.status}: ${(await readLimited(response)).slice(0, 500)}`,
    );
  }
  for await (const message of frames(response.body)) {
    const { event, error } = frame.parse(message);
    if (error) throw new ProcessStreamError(error.code, error.message);
    if (event?.start) yield { kind: 'start', pid: event.start.pid };
    if (event?.data?.stdout) yield { kind: 'output', from: 'stdout', data: Buffer.from(event.data.stdout, 'base64') };
    if (event?.data?.stderr) yield { kind: 'output', from: 'stderr', data: Buffer.from(event.data.stderr, 'base64') };
    if (event?.end) yield { kind: 'end', ...event.end };
  }
}

function shellArguments({ cmd, withoutHome }: StartCommand): string[] {
  return withoutHome ? ['-c', `[ ! -r /etc/profile ] || . /etc/profile\n${cmd}`] : ['-l', '-c', cmd];
}

/** The beginning of an answer. Root in a sandbox can put its own program in the place of envd: it may never end. */
export async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length >= MAX_TEXT_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_TEXT_BYTES);
}

/** Pieces of a frame that are kept apart: joining them at each one would take the square of the frame's length. */
const MAX_PIECES = 1024;
const HEADER_BYTES = 5;

/** The messages in the frames of a stream, however it comes in pieces. */
export async function* frames(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let wanted = HEADER_BYTES;
  for await (const chunk of body) {
    pieces.push(chunk);
    size += chunk.length;
    if (size < wanted && pieces.length < MAX_PIECES) continue;
    let left = Buffer.concat(pieces);
    for (; left.length >= wanted; left = left.subarray(wanted), wanted = HEADER_BYTES) {
      const length = left.readUInt32BE(1);
      if (length > MAX_FRAME_BYTES) throw new ProcessStreamError('internal', 'envd sent a frame that is too long');
      wanted = HEADER_BYTES + length;
      if (left.length < wanted) break;
      yield JSON.parse(left.toString('utf8', HEADER_BYTES, wanted));
    }
    pieces = [left];
    size = left.length;
  }
}
