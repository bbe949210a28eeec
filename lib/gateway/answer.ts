import type { StoredId } from './body/facts.ts';
import type { Reply } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { hiddenError, refusedAnswer } from './failures.ts';
import { callerResponseHeaders, type HeaderBag, headerOf } from './headers.ts';
import { isWorthAnotherKey, retryAfterMs } from './key-pool.ts';
import { NO_USAGE } from './ledger.ts';
import { latin1 } from './json/bytes.ts';
import { createMeter, type Meter, type Metered } from './meter/meter.ts';
import { createUsageChunkFilter, type StreamFilter } from './meter/usage-chunk-filter.ts';

export type AnswerStart =
  /** The answer is thrown away and the call made again with another key. */
  | { kind: 'repeat' }
  /** The answer is thrown away and this is said instead. */
  | { kind: 'reply'; reply: Reply }
  /** An error: its body is read up to `limits.errorBody` and given to `errorBody`. */
  | { kind: 'error'; status: number; headers: Record<string, string> }
  /** The body goes to the caller, each chunk through `pass`. */
  | { kind: 'pass'; status: number; headers: Record<string, string> };

/** How an answer ended. */
export type AnswerEnd = {
  /** The provider ended it itself, rather than that it broke off or was cut. */
  complete: boolean;
  clientGone: boolean;
};

/** The provider's answer to one attempt. */
export class Answer {
  readonly #exchange: Exchange;
  readonly #status: number;
  readonly #headers: HeaderBag;
  #meter: Meter | null = null;
  #filter: StreamFilter | null = null;
  #firstByteMs: number | null = null;

  constructor(exchange: Exchange, status: number, headers: HeaderBag) {
    this.#exchange = exchange;
    this.#status = status;
    this.#headers = headers;
  }

  start(): AnswerStart {
    const exchange = this.#exchange;
    const { state, provider, key, route } = exchange;
    const status = this.#status;
    const receivedAt = performance.now();
    if (key !== null) {
      state.poolOf(provider).answered(key, status, status < 400 ? null : retryAfterMs((name) => this.#header(name)));
    }
    if (isWorthAnotherKey(status) && exchange.canRepeat) return { kind: 'repeat' };
    const refusal = refusedAnswer(provider.name, status);
    if (refusal !== null) return { kind: 'reply', reply: exchange.fail(refusal) };
    const headers = callerResponseHeaders(this.#headers);
    headers['x-gateway-overhead-ms'] = overhead(exchange, receivedAt);
    if (status >= 400) return { kind: 'error', status, headers };
    const contentType = this.#header('content-type') ?? '';
    if (exchange.metered && this.#header('content-encoding') === undefined) {
      const { userId = '' } = exchange.caller ?? {};
      this.#meter = createMeter({
        protocol: route.protocol,
        format: route.format,
        contentType,
        ...(route.format === 'responses'
          ? { onStored: (stored: StoredId) => state.storedIds.remember(userId, provider.name, stored) }
          : {}),
      });
      if (exchange.hidesUsage && /^text\/event-stream/i.test(contentType)) {
        this.#filter = createUsageChunkFilter();
        delete headers['content-length'];
      }
    }
    return { kind: 'pass', status, headers };
  }

  /** A chunk of the answer. @returns what of the stream goes to the caller; the same chunk, except where one is hidden */
  pass(chunk: Uint8Array): Uint8Array {
    this.#firstByteMs ??= performance.now() - this.#exchange.head.arrivedAt;
    this.#meter?.write(chunk);
    return this.#filter === null ? chunk : this.#filter.write(chunk);
  }

  /** What `pass` held back, at the end of the stream. */
  rest(): Uint8Array | null {
    const rest = this.#filter?.rest();
    return rest === undefined || rest.length === 0 ? null : rest;
  }

  /** An error of the provider, unless it is too long (null) or quotes a key. */
  errorBody(body: Uint8Array | null): Reply | null {
    const { provider, key } = this.#exchange;
    const encoded = this.#header('content-encoding') !== undefined;
    // Our key may be quoted in part. What cannot be read is not passed on.
    if (body !== null && !encoded && !quotes(latin1(body, 0, body.length), key?.secret)) return null;
    return this.#exchange.fail(hiddenError(provider.name, this.#status));
  }

  /** Settles the call by what the answer said. @param status what the caller got, when not the provider's @see Ledger.settle */
  settle({ complete, clientGone }: AnswerEnd, status: number = this.#status): void | Promise<void> {
    const exchange = this.#exchange;
    const firstByteMs = this.#firstByteMs;
    if (this.#status >= 300) {
      return exchange.settle({ usage: null, billable: false, status, firstByteMs, clientGone });
    }
    if (!exchange.metered) {
      return exchange.settle({ usage: NO_USAGE, billable: true, status, firstByteMs, clientGone });
    }
    const { usage, serviceTier, responseId, failed } = this.#meter?.result(complete) ?? UNREAD;
    return exchange.settle({
      usage,
      billable: !failed,
      status,
      firstByteMs,
      clientGone,
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(responseId === undefined ? {} : { responseId }),
    });
  }

  #header(name: string): string | undefined {
    return headerOf(this.#headers, name);
  }
}

/** Of an answer in which there is nothing to read. */
const UNREAD: Metered = { usage: null, serviceTier: undefined, responseId: undefined, failed: false };

/** Time that the call spent here, without waiting for the caller's body. */
function overhead({ head, sentAt, bodyWaitMs }: Exchange, receivedAt: number): string {
  const before = sentAt - head.arrivedAt - bodyWaitMs;
  return Math.max(0, before + performance.now() - receivedAt).toFixed(2);
}

/** Shortest piece of a key that tells something. Characters. */
const TELLING = 12;

function quotes(text: string, secret: string | undefined): boolean {
  if (secret === undefined) return false;
  if (secret.length <= TELLING) return text.includes(secret);
  // Beginnings of keys are the same for all of a kind (`sk-proj-`); any other piece of this length is ours alone.
  for (let at = 0; at + TELLING <= secret.length; at++) if (text.includes(secret.slice(at, at + TELLING))) return true;
  return false;
}
