import type { IncomingHttpHeaders } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Answer } from '../../lib/gateway/answer.ts';
import type { Reply } from '../../lib/gateway/errors.ts';
import type { Exchange } from '../../lib/gateway/exchange.ts';
import { errorKind, transportFailure } from '../../lib/gateway/failures.ts';
import type { LargeGatewayBody } from './gateway-body.ts';

type Mode = 'waiting' | 'pass' | 'error' | 'discard';
/** How an attempt ended: all was said, this is to be said, or another key is to be tried. */
type Ended = Reply | 'repeat' | null;

/**
 * One attempt at the provider, as a handler of undici: chunks go straight from its parser to the caller's response, which
 * holds the provider back when it is full.
 */
export class GatewayAttempt implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #res: ServerResponse;
  readonly #end: (ended: Ended) => void;
  readonly #ended: Promise<Ended>;
  #controller: Dispatcher.DispatchController | null = null;
  #answer: Answer | null = null;
  #mode: Mode = 'waiting';
  #status = 0;
  #headers: Record<string, string> = {};
  #error: Buffer[] | null = [];
  #errorSize = 0;
  #gone = false;
  /** Bytes of the body that are still to come, where the provider has said how many there are. */
  #rest = Infinity;
  /** What came with the bytes that are read now is not sent yet. */
  #corked = false;
  /** All has come, and the books are waited for. */
  #booking = false;
  #cut = false;
  #drained = 0;
  #drainTimer: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, res: ServerResponse) {
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.#exchange = exchange;
    this.#res = res;
    this.#ended = promise;
    this.#end = resolve;
  }

  async run(dispatcher: Dispatcher, body: Uint8Array | LargeGatewayBody | null): Promise<Ended> {
    const exchange = this.#exchange;
    const head = exchange.upstream();
    if (head === null) return exchange.fail(transportFailure(null));
    const { origin, path } = splitUrl(head.url);
    const res = this.#res;
    res.on('close', this.#onClose);
    res.on('drain', this.#onDrain);
    try {
      const method = exchange.head.method === 'GET' ? 'GET' : 'POST';
      const sent = body === null || body instanceof Uint8Array ? body : iterable(body.start());
      dispatcher.dispatch({ origin, path, method, headers: head.headers, body: sent }, this);
      return await this.#ended;
    } finally {
      res.off('close', this.#onClose);
      res.off('drain', this.#onDrain);
      this.#stopDraining();
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cut) controller.abort(new Error('The caller is gone.'));
    else if (this.#exchange.repeatable) this.#exchange.sent = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    const answer = this.#exchange.answer(status, headers);
    const started = answer.start();
    this.#answer = answer;
    if (started.kind === 'repeat' || started.kind === 'reply') {
      this.#mode = 'discard';
      const reply = started.kind === 'reply' ? started.reply : null;
      if (reply !== null || this.#gone) answer.settle({ complete: true, clientGone: this.#gone }, reply?.status ?? 499);
      this.#end(reply ?? (this.#gone ? null : 'repeat'));
      // An answer that nobody reads must not keep a connection for long.
      if (Number(headers['content-length'] ?? Infinity) > 16 * 1024) controller.abort(new Error('Not needed.'));
      return;
    }
    this.#status = started.status;
    this.#headers = started.headers;
    this.#mode = started.kind;
    if (started.kind === 'error' || this.#gone) return;
    this.#rest = Number(headers['content-length'] ?? Infinity);
    this.#cork();
    this.#res.writeHead(started.status, started.headers);
  }

  /**
   * What is read at once goes out in one write, before anything else is read. The end of the answer mostly comes with
   * the last of its bytes: then these go out once the call is booked.
   */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#res.socket?.cork();
    process.nextTick(this.#onRead);
  }

  readonly #onRead = (): void => {
    if (!this.#booking) this.#uncork();
  };

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    if (this.#gone) return;
    this.#res.flushHeaders();
    this.#res.socket?.uncork();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#mode === 'error') return this.#keepError(chunk);
    if (this.#mode !== 'pass' || this.#answer === null) return;
    const bytes = this.#answer.pass(chunk);
    if (this.#gone) {
      this.#drained += chunk.length;
      if (this.#drained > this.#exchange.state.limits.drainBytes) this.#cutOff();
      return;
    }
    this.#rest -= chunk.length;
    if (bytes.length === 0) return;
    this.#cork();
    // Nothing but the end comes after the last byte, and it must not wait until the caller has that.
    if (!this.#res.write(bytes) && this.#rest > 0) controller.pause();
  }

  #keepError(chunk: Buffer): void {
    this.#errorSize += chunk.length;
    if (this.#errorSize <= this.#exchange.state.limits.errorBody) this.#error?.push(chunk);
    else if (this.#error !== null) {
      this.#error = null;
      this.#controller?.abort(new Error('The error is too long.'));
    }
  }

  onResponseEnd(): void {
    if (this.#mode === 'error') return this.#sayError();
    if (this.#mode === 'discard' || this.#answer === null) return;
    const rest = this.#answer.rest();
    if (rest !== null && !this.#gone) this.#res.write(rest);
    const booked = this.#answer.settle({ complete: true, clientGone: this.#gone }, this.#gone ? 499 : undefined);
    this.#afterBooking(booked, () => this.#res.end());
  }

  /** Says the last to the caller, who may be gone by then. */
  #afterBooking(booked: void | Promise<void>, say: () => void): void {
    const finish = (): void => {
      // The end of a response uncorks, too.
      this.#corked = false;
      if (!this.#gone) say();
      this.#end(null);
    };
    if (!booked) return finish();
    this.#booking = true;
    void booked.then(finish, finish);
  }

  #sayError(): void {
    const answer = this.#answer;
    if (answer === null) return;
    const body = this.#error === null ? null : Buffer.concat(this.#error);
    const reply = answer.errorBody(body);
    const status = this.#gone ? 499 : (reply?.status ?? this.#status);
    const booked = answer.settle({ complete: true, clientGone: this.#gone }, status);
    if (reply !== null || body === null) return this.#end(reply);
    this.#afterBooking(booked, () => {
      this.#res.writeHead(this.#status, { ...this.#headers, 'content-length': body.length });
      this.#res.end(body);
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#mode === 'discard') return;
    if (this.#mode === 'error') return this.#sayError();
    if (this.#answer !== null) {
      this.#answer.settle({ complete: false, clientGone: this.#gone }, this.#gone ? 499 : undefined);
      const rest = this.#answer.rest();
      this.#uncork();
      // What came is passed on; then the connection is cut, so that the caller can tell that it is not all.
      if (!this.#gone && rest !== null) this.#res.write(rest, () => this.#res.destroy());
      else this.#res.destroy();
      return this.#end(null);
    }
    const failure = transportFailure(error);
    const { log } = this.#exchange.state.options;
    if (!this.#gone) {
      const { requestId } = this.#exchange.head;
      const fields = { requestId, provider: this.#exchange.provider.name, code: failure.code };
      // Only the kind of the failure: the text of a transport's error may quote what was sent.
      log.warn({ ...fields, reason: errorKind(error) }, 'the provider could not be reached');
    }
    this.#exchange.settleUnanswered(error, failure.status, this.#gone);
    this.#end(this.#exchange.fail(failure));
  }

  /** The caller is gone: the answer is read on for its usage, within bounds. */
  readonly #onClose = (): void => {
    if (this.#res.writableFinished || this.#gone) return;
    this.#gone = true;
    const { state } = this.#exchange;
    if (state.drains >= state.limits.drains || !this.#exchange.sent) return this.#cutOff();
    state.drains++;
    this.#drainTimer = setTimeout(() => this.#cutOff(), state.limits.drainMs);
    this.#controller?.resume();
  };

  #stopDraining(): void {
    if (this.#drainTimer === undefined) return;
    clearTimeout(this.#drainTimer);
    this.#drainTimer = undefined;
    this.#exchange.state.drains--;
  }

  #cutOff(): void {
    this.#cut = true;
    this.#controller?.abort(new Error('The caller is gone.'));
  }

  readonly #onDrain = (): void => {
    this.#controller?.resume();
  };
}

/** undici takes async iterables as bodies; its types name only what else it takes. */
function iterable(chunks: AsyncIterable<Uint8Array>): Dispatcher.DispatchOptions['body'] {
  return chunks as unknown as Dispatcher.DispatchOptions['body'];
}

/** Without the parser of URLs: the base was checked when the settings were read, the path and query came from checks. */
function splitUrl(url: string): { origin: string; path: string } {
  const slash = url.indexOf('/', url.indexOf('//') + 2);
  return slash === -1 ? { origin: url, path: '/' } : { origin: url.slice(0, slash), path: url.slice(slash) };
}
