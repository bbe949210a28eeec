import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { HeaderBag } from '../../lib/mastra-proxy/request-headers.ts';

/** How a forwarded exchange ended. Only `failed` leaves the answer to the caller: nothing was sent yet. */
export type UpstreamEnd =
  | { end: 'complete'; status: number }
  /** The browser went away; the upstream was told to stop. */
  | { end: 'client_gone' }
  /** The upstream broke off in the middle; the browser's connection was cut so that it can tell. */
  | { end: 'truncated'; status: number; error: Error }
  | { end: 'failed'; error: Error }
  /** The answer was held back by `holdBack`. */
  | { end: 'held'; status: number; headers: HeaderBag; body: Buffer };

export type UpstreamRequest = {
  dispatcher: Dispatcher;
  origin: string;
  path: string;
  method: string;
  headers: Record<string, string | string[]>;
  body: Readable | null;
  /** Headers of the answer for the browser. */
  answerHeaders: (status: number, headers: HeaderBag) => Record<string, string | string[]>;
  /** True for an answer that the caller wants to read first; it is then collected up to this many bytes. */
  holdBack?: { when: (status: number, headers: HeaderBag) => boolean; limit: number };
  /** Called for every chunk of the answer, for idle clocks. */
  onChunk?: () => void;
};

/**
 * Sends a request upstream and streams the answer to `res` as it comes: no buffering, the slower side sets the pace,
 * either side's end ends the other. Never sends a request twice.
 */
export function forwardUpstream(request: UpstreamRequest, res: ServerResponse): Promise<UpstreamEnd> {
  return new Promise((resolve) => {
    const exchange = new Exchange(request, res, resolve);
    const { dispatcher, origin, path, method, headers, body } = request;
    try {
      dispatcher.dispatch({ origin, path, method, headers, body }, exchange);
    } catch (error) {
      exchange.settle({ end: 'failed', error: asError(error) });
    }
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: UpstreamRequest;
  readonly #res: ServerResponse;
  readonly #resolve: (end: UpstreamEnd) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #clientGone = false;
  #settled = false;
  #wrote = false;
  #status = 0;
  #held: { headers: HeaderBag; chunks: Buffer[]; size: number } | null = null;

  constructor(request: UpstreamRequest, res: ServerResponse, resolve: (end: UpstreamEnd) => void) {
    this.#request = request;
    this.#res = res;
    this.#resolve = resolve;
    // `close` of the response, not of the request: the latter fires as soon as the request's body was read.
    res.on('close', this.#onClientClose);
    if (res.destroyed) this.#onClientClose();
  }

  readonly #onClientClose = (): void => {
    if (this.#settled) return;
    this.#clientGone = true;
    // First: the abort comes back as an error of the upstream, in the same turn.
    this.settle({ end: 'client_gone' });
    this.#controller?.abort(new Error('The client closed the connection.'));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#clientGone) controller.abort(new Error('The client closed the connection.'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HeaderBag): void {
    if (status < 200) return;
    this.#status = status;
    if (this.#request.holdBack?.when(status, headers)) {
      this.#held = { headers, chunks: [], size: 0 };
      return;
    }
    this.#res.writeHead(status, this.#request.answerHeaders(status, headers));
    // The first byte of a stream may be minutes away; the browser should know before that it was accepted. A small
    // answer is there in the same turn, and then headers and body leave in one write.
    setImmediate(() => {
      if (!this.#wrote && !this.#res.writableEnded && !this.#res.destroyed) this.#res.flushHeaders();
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#request.onChunk?.();
    if (this.#held) return this.#hold(chunk);
    this.#wrote = true;
    if (this.#res.write(chunk)) return;
    controller.pause();
    this.#res.once('drain', () => controller.resume());
  }

  #hold(chunk: Buffer): void {
    const held = this.#held;
    if (!held) return;
    held.size += chunk.length;
    if (held.size <= (this.#request.holdBack?.limit ?? 0)) {
      held.chunks.push(chunk);
      return;
    }
    // Longer than anything that is meant for us: let it pass after all.
    this.#held = null;
    this.#res.writeHead(this.#status, this.#request.answerHeaders(this.#status, held.headers));
    this.#res.write(Buffer.concat([...held.chunks, chunk]));
  }

  onResponseEnd(): void {
    const held = this.#held;
    if (held) {
      this.settle({ end: 'held', status: this.#status, headers: held.headers, body: Buffer.concat(held.chunks) });
      return;
    }
    this.#res.end();
    this.settle({ end: 'complete', status: this.#status });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return;
    if (!this.#res.headersSent) return this.settle({ end: 'failed', error: asError(error) });
    this.settle({ end: 'truncated', status: this.#status, error: asError(error) });
    this.#res.destroy();
  }

  settle(end: UpstreamEnd): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#res.off('close', this.#onClientClose);
    this.#resolve(end);
  }
}

/** The body of a browser's request for the upstream, null when there is none. */
export function requestBody(req: IncomingMessage): Readable | null {
  const length = req.headers['content-length'];
  if (req.headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return null;
  return req;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
