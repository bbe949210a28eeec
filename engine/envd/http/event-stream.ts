import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterActive } from '../active-timer.ts';
import { EnvdError } from './errors.ts';
import type { Codec } from './codec.ts';
import { encodeEndFrame, frameOf } from './frames.ts';

const DEFAULT_KEEPALIVE_SECONDS = 90;
/** How long a client may take nothing before it is dropped: it would hold up the process that it listens to. */
const STALL_MS = 120_000;

/** The answer of a server-streaming RPC. Frames that the client is slow to take are held up, not gathered. */
export class EventStream {
  readonly codec: Codec;
  readonly #response: ServerResponse;
  readonly #keepalive: NodeJS.Timeout;
  #cancelStall: (() => void) | undefined;
  #ended = false;

  /**
   * @param codec What the client reads.
   * @param keepalive The message sent whenever the client asked for a sign of life (Keepalive-Ping-Interval, seconds).
   */
  constructor(request: IncomingMessage, response: ServerResponse, codec: Codec, keepalive: unknown) {
    this.#response = response;
    this.codec = codec;
    response.writeHead(200, { 'content-type': codec.streamType, 'cache-control': 'no-store' });
    // In one piece with the events of this turn of the event loop.
    const { socket } = response;
    socket?.cork();
    setImmediate(() => socket?.uncork());
    response.flushHeaders();
    const asked = Number(request.headers['keepalive-ping-interval']);
    const seconds = asked > 0 && asked < 3600 ? asked : DEFAULT_KEEPALIVE_SECONDS;
    this.#keepalive = setInterval(() => this.isFull || this.send(keepalive), seconds * 1000);
    this.#keepalive.unref();
    response.on('drain', () => this.#stopStallTimer());
    response.on('close', () => this.#stop());
  }

  /** True while the client has not taken what was sent. */
  get isFull(): boolean {
    return this.#response.writableNeedDrain;
  }

  get isOpen(): boolean {
    return !this.#ended && !this.#response.destroyed;
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onClose(listener: () => void): void {
    this.#response.on('close', listener);
  }

  send(message: unknown): void {
    this.sendFrame(frameOf(this.codec.encode(message)));
  }

  /** Sends a frame that was encoded for several clients. */
  sendFrame(frame: Buffer): void {
    if (!this.isOpen) return;
    if (!this.#response.write(frame)) {
      this.#cancelStall ??= afterActive(STALL_MS, () => this.#response.destroy());
    }
  }

  end(error?: EnvdError): void {
    if (!this.isOpen) return;
    this.#ended = true;
    this.#stop();
    this.#response.end(encodeEndFrame(error));
  }

  #stopStallTimer(): void {
    this.#cancelStall?.();
    this.#cancelStall = undefined;
  }

  #stop(): void {
    clearInterval(this.#keepalive);
    this.#stopStallTimer();
  }
}

/** Ends a stream that cannot start: HTTP 200 and an end frame with the error, as Connect wants it. */
export function failStream(response: ServerResponse, codec: Codec, error: EnvdError): void {
  response.writeHead(200, { 'content-type': codec.streamType, 'cache-control': 'no-store' });
  response.end(encodeEndFrame(error));
}

/** The deadline that the caller set, in ms from now; undefined when there is none. */
export function deadlineMs(request: IncomingMessage): number | undefined {
  const value = request.headers['connect-timeout-ms'];
  if (value === undefined) return undefined;
  const milliseconds = Number(value);
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) {
    throw new EnvdError('invalid_argument', 'Connect-Timeout-Ms is not a number of milliseconds');
  }
  return milliseconds === 0 ? undefined : milliseconds;
}

/**
 * Ends the stream with an error when the time that the caller gave is up.
 * @param action Is done before.
 * @returns a function that calls it off.
 */
export function endAtDeadline(
  { deadlineMs: ms }: { deadlineMs: number | undefined },
  stream: EventStream,
  action: () => void,
): () => void {
  if (ms === undefined) return () => {};
  return afterActive(ms, () => {
    action();
    stream.end(new EnvdError('deadline_exceeded', 'context deadline exceeded'));
  });
}
