import { Answer } from './answer.ts';
import { applied } from './body/applied.ts';
import type { BodyInspector } from './body/facts.ts';
import { inspectorOf } from './body/inspect.ts';
import { callFacts } from './call-facts.ts';
import { composioBody } from './composio.ts';
import type { GatewayCaller, GatewayState, RequestHead } from './core.ts';
import { errorReply, type GatewayError, type Reply } from './errors.ts';
import {
  BodyRefusedError,
  busy,
  invalidKey,
  limitError,
  modelMissing,
  modelTooLate,
  tooLarge,
  tooManyAttempts,
} from './failures.ts';
import { type HeaderBag, headerOf } from './headers.ts';
import { joined } from './joined.ts';
import type { CallFacts, LimitRefusal, Outcome, Reservation } from './ledger.ts';
import type { Opening } from './opening.ts';
import type { Provider, ProviderKey } from './provider.ts';
import { type FoundRoute, isMetered } from './routes.ts';
import { neverArrived, settleCall } from './settlement.ts';
import { idRefusal } from './stored-ids.ts';
import { type UpstreamHead, upstreamHead } from './upstream-head.ts';

/**
 * One call on its way through the gateway. The steps, in this order; each may end it with a Reply:
 * `identify`, `takeBody` for each piece of the body up to `wholeLimit`, then either `wholeBody` or `streamBody`,
 * `reserve`, `upstream`, and with the provider's head `Answer.start`. `settle` comes last and happens once.
 */
export class Exchange {
  readonly state: GatewayState;
  readonly head: RequestHead;
  readonly route: FoundRoute;
  readonly provider: Provider;
  readonly metered: boolean;
  caller: GatewayCaller | null = null;
  key: ProviderKey | null = null;
  /** `performance.now()` when the call went out, and how long the body kept us waiting before. */
  sentAt = 0;
  bodyWaitMs = 0;
  /** The usage chunk is in the stream because of us. */
  hidesUsage = false;
  /** The provider may have got the whole request. */
  sent = false;
  /** What the end of the answer waits for, once the call is settled. @see Ledger.settle */
  booked: void | Promise<void> = undefined;
  readonly #opening: Opening;
  readonly #tried = new Set<ProviderKey>();
  #inspector: BodyInspector | null = null;
  #bytes = 0;
  #memory = 0;
  #whole = false;
  #reservation: Reservation | null = null;
  #settled = false;

  constructor(state: GatewayState, opening: Opening) {
    this.state = state;
    this.#opening = opening;
    this.head = opening.head;
    this.route = opening.route;
    this.provider = opening.provider;
    this.metered = isMetered(opening.route.operation);
  }

  get hasBody(): boolean {
    const { method, headers } = this.head;
    return method === 'POST' && (this.#opening.declared !== 0 || headers['transfer-encoding'] !== undefined);
  }

  /** Up to here bodies are read whole. Bytes. */
  get wholeLimit(): number {
    const { limits } = this.state;
    return this.route.protocol === 'composio' ? limits.toolBody : limits.wholeBody;
  }

  /** The body is in memory and can be sent again. */
  get repeatable(): boolean {
    return this.#whole || !this.hasBody;
  }

  fail(error: GatewayError): Reply {
    return errorReply(this.route.protocol, error);
  }

  async identify(): Promise<Reply | null> {
    const { options } = this.state;
    try {
      const caller = await options.resolveKey(this.#opening.plainKey, { address: this.head.address });
      if (caller === null) return this.fail(invalidKey('The virtual key is unknown, revoked or expired.'));
      if (!('keyId' in caller)) {
        return this.fail(tooManyAttempts(caller.retryAfterSeconds));
      }
      this.caller = caller;
    } catch (error) {
      options.log.warn({ err: error, requestId: this.head.requestId }, 'virtual keys cannot be checked');
      return this.fail(busy('Virtual keys cannot be checked at the moment.'));
    }
    if (this.hasBody && this.route.protocol !== 'composio') {
      const inspector = inspectorOf(this.route, (name) => headerOf(this.head.headers, name));
      if ('status' in inspector) return this.fail(inspector);
      this.#inspector = inspector;
    }
    options.onCall?.(this.caller);
    return null;
  }

  /** The next piece of the body; it is kept by the transport, and counted here. */
  takeBody(chunk: Uint8Array): Reply | null {
    if (!this.state.bodies.take(this.#caller.userId, chunk.length))
      return this.fail(busy('Too many large requests are on their way.'));
    this.#memory += chunk.length;
    const refusal = this.#inspect(chunk);
    return refusal === null ? null : this.fail(refusal);
  }

  #inspect(chunk: Uint8Array): GatewayError | null {
    this.#bytes += chunk.length;
    const limit = this.route.protocol === 'composio' ? this.state.limits.toolBody : this.state.limits.body;
    if (this.#bytes > limit) return tooLarge(limit);
    return this.#inspector?.write(chunk) ?? null;
  }

  /** The whole body as it is to be sent. */
  async wholeBody(pieces: readonly Uint8Array[]): Promise<Uint8Array | Reply> {
    this.#whole = true;
    const body = pieces.length === 1 && pieces[0] ? pieces[0] : joined(pieces, this.#bytes);
    if (this.route.protocol === 'composio') {
      const set = composioBody(this.route, new TextDecoder().decode(body), this.#caller.userId);
      if (set.ok) return new TextEncoder().encode(set.body);
      return this.fail({ status: 403, code: 'invalid_body', message: set.message });
    }
    const refusal = this.#inspector?.end() ?? null;
    return refusal === null ? this.#edited(body, 0) : this.fail(refusal);
  }

  /**
   * A body that is too large to be kept, as it is to be sent. Its end is held back until the rest is known to be good:
   * without it the provider does not begin. Fails with BodyRefusedError.
   * @param first what was read, given to `takeBody` before
   */
  async *streamBody(first: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let held = joined(first.splice(0), this.#bytes);
    // Joined once, at the end: it may come in thousands of pieces.
    const space: Uint8Array[] = [];
    let sent = 0;
    for await (const chunk of rest) {
      const refusal = this.#inspect(chunk);
      if (refusal !== null) throw new BodyRefusedError(refusal);
      const doneAt = this.#inspector?.doneAt ?? -1;
      // Where the value ends something may have to be put in; only white space follows.
      if (doneAt !== -1 && doneAt <= sent + held.length) {
        space.push(chunk);
        continue;
      }
      yield held;
      sent += held.length;
      this.#forget();
      held = chunk;
    }
    const refusal =
      this.#inspector?.end() ?? (await this.#refusedIds()) ?? this.#refusedName() ?? (await this.#adjust());
    if (refusal !== null) throw new BodyRefusedError(refusal);
    const last = this.#edited(space.length === 0 ? held : joined([held, ...space], this.#bytes - sent), sent);
    this.sent = true;
    yield last;
  }

  async #refusedIds(): Promise<GatewayError | null> {
    const named = this.#inspector?.storedIds ?? [];
    if (named.length === 0) return null;
    try {
      return await idRefusal(this.state.storedIds, this.#caller.userId, this.provider.name, named);
    } catch (error) {
      const { requestId } = this.head;
      this.state.options.log.warn({ err: error, requestId }, 'the owner of a response cannot be looked up');
      return busy('Previous responses cannot be looked up at the moment.');
    }
  }

  #edited(bytes: Uint8Array, offset: number): Uint8Array {
    const edit = this.#inspector?.edit() ?? null;
    if (edit === null || edit.start < offset) return bytes;
    this.hidesUsage = true;
    return applied(edit, bytes, offset);
  }

  /** Some routes of providers have a model of their own for a call that names none: nobody would have allowed it. */
  #refusedName(): GatewayError | null {
    return this.metered && (this.#inspector?.facts.model ?? null) === null ? modelMissing() : null;
  }

  async reserve(): Promise<Reply | null> {
    const { ledger, log } = this.state.options;
    const nameless = this.repeatable ? this.#refusedName() : null;
    if (nameless !== null) return this.fail(nameless);
    const facts = this.facts();
    if (facts.model === null && this.metered && !this.repeatable && ledger.adjust === undefined) {
      return this.fail(modelTooLate());
    }
    let taken: Reservation | LimitRefusal;
    try {
      const asked = ledger.reserve(facts);
      taken = asked instanceof Promise ? await asked : asked;
    } catch (error) {
      log.warn({ err: error, requestId: this.head.requestId }, 'limits cannot be checked');
      return this.fail(busy('Limits cannot be checked at the moment.'));
    }
    if ('refused' in taken) return this.fail(limitError(taken));
    this.#reservation = taken;
    // Within the limits: who is looked up may have to be asked of the database.
    const foreign = this.repeatable ? await this.#refusedIds() : null;
    return foreign === null ? null : this.fail(foreign);
  }

  async #adjust(): Promise<GatewayError | null> {
    const { ledger } = this.state.options;
    if (this.#reservation === null) return null;
    const refused = await ledger.adjust?.(this.#reservation, this.facts());
    return refused ? limitError(refused) : null;
  }

  facts(): CallFacts {
    const bytes = this.repeatable ? this.#bytes : Math.max(this.#bytes, this.#opening.declared ?? 0);
    return callFacts(this, this.#caller, this.#inspector?.facts ?? {}, bytes);
  }

  /** Head of the (next) attempt, with a key that was not tried; null when there is none. */
  upstream(): UpstreamHead | null {
    const { provider } = this;
    const key = this.state.poolOf(provider).pick(this.#tried);
    if (key === null && provider.keys.length > 0) return null;
    if (key !== null) this.#tried.add(key);
    this.key = key;
    const { query, declared } = this.#opening;
    const head = upstreamHead(this, this.#caller.userId, query, declared);
    this.sentAt = performance.now();
    return head;
  }

  /** Whether another attempt may be made. */
  get canRepeat(): boolean {
    const { provider, state } = this;
    return this.repeatable && this.#tried.size < Math.min(provider.keys.length, state.limits.attempts);
  }

  answer(status: number, headers: HeaderBag): Answer {
    return new Answer(this, status, headers);
  }

  /** The body in memory is needed no more. */
  #forget(): void {
    if (this.caller !== null) this.state.bodies.give(this.caller.userId, this.#memory);
    this.#memory = 0;
  }

  /** Ends the call; later calls of this do nothing. @returns `booked` */
  settle(outcome: Omit<Outcome, 'latencyMs'>): void | Promise<void> {
    if (this.#settled) return this.booked;
    this.#settled = true;
    this.#forget();
    const latencyMs = performance.now() - this.head.arrivedAt;
    if (this.caller === null) return undefined;
    this.booked = settleCall(this, this.#reservation, this.facts(), { ...outcome, latencyMs });
    return this.booked;
  }

  /** A call to which no answer came. It may have run when the whole request had gone out. */
  settleUnanswered(error: unknown, status: number, clientGone: boolean): void {
    const billable = this.sent && !neverArrived(error);
    void this.settle({ usage: null, billable, status: clientGone ? 499 : status, firstByteMs: null, clientGone });
  }

  get #caller(): GatewayCaller {
    if (this.caller === null) throw new Error('The call has no caller yet.');
    return this.caller;
  }
}
