import { EventEmitter } from 'node:events';
import type { Chunk, DataParts, NoticeData, TierId, TurnData, TurnState } from './chunks.ts';
import { Coalescer } from './coalesce.ts';
import { Requests } from './requests.ts';
import type { TurnLog } from './turn-log.ts';
import { WorkClock } from './work-clock.ts';

/** What identifies a turn; the first line of its log. */
export type TurnRecord = {
  turnId: string;
  sessionId: string;
  /** Chosen by the client: the same one again is the same turn. */
  clientId: string;
  userMessageId: string;
  messageId: string;
  title: string;
  startedAt: string;
};

export type Outcome = 'done' | 'stopped' | 'failed';
export type EnvAnswer = { values: Record<string, string> } | { skip: true };
export type QuestionAnswer = { answer: string[] } | { skip: true };

/** A command that is stopped gets some time to end. */
const SETTLE_MS = 5000;

type TurnEvents = { state: [TurnState] };

/** One turn: what it streams, what it waits for, and how to end it. */
export class Turn extends EventEmitter<TurnEvents> {
  readonly record: TurnRecord;
  readonly log: TurnLog;
  readonly questions = new Requests<QuestionAnswer>();
  readonly environment = new Requests<EnvAnswer>();
  readonly #abort = new AbortController();
  readonly #coalescer: Coalescer;
  readonly #clock: WorkClock;
  #data: TurnData;
  #limit: NoticeData | undefined;
  #stopped = false;
  #notices = 0;
  readonly #begun = new Set<Promise<unknown>>();

  constructor(
    record: TurnRecord,
    log: TurnLog,
    chosen: { tier: TierId; model: string; demo: boolean },
    workMs: number,
  ) {
    super();
    this.record = record;
    this.log = log;
    this.#coalescer = new Coalescer((chunk) => log.append(chunk));
    const { turnId, startedAt } = record;
    this.#data = { turnId, ...chosen, startedAt, steps: 0, costMicros: null, verb: 'Thinking', state: 'running' };
    this.#clock = new WorkClock(workMs, () =>
      this.endAt({
        kind: 'limit',
        message: `The turn was ended after ${Math.round(workMs / 60_000)} minutes of work. What was done is kept.`,
        next: 'Say “go on” to continue.',
      }),
    );
  }

  get data(): TurnData {
    return this.#data;
  }

  /** Aborted when the turn has to end, for whatever reason. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The limit that the turn ran into. */
  get limit(): NoticeData | undefined {
    return this.#limit;
  }

  /** Remembers what a tool has begun, so that the turn does not end before it. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#begun.add(work);
    return work.finally(() => this.#begun.delete(work));
  }

  /** Waits for what tools have begun, within reason. */
  async settled(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
    await Promise.race([Promise.allSettled(this.#begun), late]);
  }

  emitChunk(chunk: Chunk): void {
    this.#coalescer.push(chunk);
    if (this.log.full) {
      this.endAt({
        kind: 'limit',
        message: 'The turn was ended because it had written too much. What was done is kept.',
        next: 'Ask for a smaller part at a time.',
      });
    }
  }

  put<Name extends keyof DataParts>(name: Name, data: DataParts[Name], id: string = name): void {
    this.emitChunk({ type: `data-${name}`, id, data } as Chunk);
  }

  notice(notice: NoticeData): void {
    this.put('notice', notice, `notice-${++this.#notices}`);
  }

  update(change: Partial<TurnData>): void {
    const before = this.#data;
    this.#data = { ...before, ...change };
    this.put('turn', this.#data);
    if (this.#data.state !== before.state) this.emit('state', this.#data.state);
  }

  /** Waits for a person: the clock stands still, and the turn says so. */
  async asking<T>(wait: () => Promise<T>): Promise<T> {
    this.#clock.pause();
    this.update({ state: 'asking', verb: 'Waiting for you' });
    try {
      return await wait();
    } finally {
      this.#clock.resume();
      if (this.questions.size + this.environment.size === 0) this.update({ state: 'running', verb: 'Thinking' });
    }
  }

  /** The person wants no more of it. */
  stop(): void {
    this.#stopped = true;
    this.#abort.abort(new Error('The turn was stopped.'));
  }

  /** The process has to end, for an update or since the workspace stops. */
  interrupt(): void {
    this.endAt({
      kind: 'error',
      message: 'The workspace is starting anew, so the turn was ended. What was done is kept.',
      next: 'Say “go on” to continue.',
    });
  }

  /** A limit is reached. */
  endAt(limit: NoticeData): void {
    this.#limit ??= limit;
    this.#abort.abort(new Error(limit.message));
  }

  /** Nothing is streamed after this. */
  async end(): Promise<void> {
    this.#clock.stop();
    this.#coalescer.flush();
    await this.log.end();
  }

  flush(): void {
    this.#coalescer.flush();
  }
}
