import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { ApiError } from '../errors.ts';
import type { Attachment } from '../documents/attachment.ts';
import type { Models } from '../models/model-offer.ts';
import type { Session, SessionStore } from '../sessions/session-store.ts';
import type { Limits } from '../settings.ts';
import type { TierId } from './chunks.ts';
import { endInterrupted } from './interrupted.ts';
import { buildParts } from './message-builder.ts';
import { runTurn, type TurnWork } from './run-turn.ts';
import { TurnFiles, type StoredTurn } from './turn-files.ts';
import { Turn, type Outcome, type TurnRecord } from './turn.ts';

export type TurnRequest = {
  clientId: string;
  text: string;
  attachments: Attachment[];
  tier: TierId | undefined;
  page: string | undefined;
  replaces: string | undefined;
};

type TurnsOptions = {
  dataDir: string;
  sessions: SessionStore;
  models: Models;
  limits: Limits;
  prepare: (turn: Turn, request: TurnRequest, models: string[]) => Promise<TurnWork>;
  /** Keeps what a turn has changed that cannot go on. */
  keep: (turn: Turn) => Promise<void>;
};

type TurnsEvents = { busy: [boolean]; state: [TurnRecord, 'started' | 'asking']; ended: [TurnRecord, Outcome] };

/** The turns of the project: one at a time. */
export class Turns extends EventEmitter<TurnsEvents> {
  readonly #options: TurnsOptions;
  readonly #files: TurnFiles;
  /** The turns that there are files of, by the id that their client chose. */
  readonly #byClient = new Map<string, TurnRecord>();
  #running: Turn | undefined;
  /** The turn before, whose file may not be written to its end yet. */
  #last: Turn | undefined;
  #starting = false;
  #blocks = 0;

  constructor(options: TurnsOptions) {
    super();
    this.#options = options;
    this.#files = new TurnFiles(join(options.dataDir, 'turns'));
  }

  get running(): Turn | undefined {
    return this.#running;
  }

  /** Reads which turns there were, and ends those that an earlier process has left. */
  async recover(): Promise<void> {
    for (const turnId of (await this.#files.newest()).toReversed()) {
      const stored = await this.#files.load(turnId);
      if (stored === undefined) continue;
      this.#byClient.set(stored.record.clientId, stored.record);
      if (stored.log.ended) continue;
      await endInterrupted(
        stored,
        (turn) => this.#keep(turn),
        (turn) => this.#save(turn),
      );
    }
  }

  /** The turn of a session that runs. Throws `turn_not_running`. */
  runningIn(sessionId: string): Turn {
    if (this.#running?.record.sessionId === sessionId) return this.#running;
    throw new ApiError(409, 'turn_not_running', 'Nothing is running in this chat.');
  }

  /** A turn with its log, running or ended. Throws `turn_not_found`. */
  async find(sessionId: string, turnId: string): Promise<StoredTurn> {
    const inMemory = [this.#running, this.#last].find((turn) => turn?.record.turnId === turnId);
    const found = inMemory ?? (await this.#files.load(turnId));
    if (found?.record.sessionId === sessionId) return found;
    throw new ApiError(404, 'turn_not_found', 'This turn is over.', { next: 'Reload the chat.' });
  }

  /** Starts a turn, or gives back the one that the same client id has started. */
  async start(session: Session, request: TurnRequest): Promise<TurnRecord> {
    const known = this.#byClient.get(request.clientId);
    if (known !== undefined) return known;
    if (this.#running !== undefined || this.#starting) throw turnRunning(this.#running?.record);
    if (this.#blocks > 0) {
      throw new ApiError(409, 'project_busy', 'The project is just being changed by an undo or an import.', {
        next: 'Try again in a moment.',
      });
    }
    this.#starting = true;
    try {
      return await this.#start(session, request);
    } finally {
      this.#starting = false;
    }
  }

  /** Keeps turns from starting while something else changes the project. Undefined when one runs already. */
  block(): (() => void) | undefined {
    if (this.#running !== undefined || this.#starting) return undefined;
    this.#blocks++;
    return () => void this.#blocks--;
  }

  /** Removes the logs of a session that is gone. */
  async forget(sessionId: string): Promise<void> {
    for (const [clientId, record] of this.#byClient) {
      if (record.sessionId !== sessionId) continue;
      this.#byClient.delete(clientId);
      await this.#files.remove(record.turnId);
    }
  }

  async #start(session: Session, request: TurnRequest): Promise<TurnRecord> {
    const { sessions, models, limits, prepare } = this.#options;
    const { tier, demo, models: names } = await models.choose(request.tier);
    if (request.replaces !== undefined) await sessions.dropFrom(session.id, request.replaces);
    const now = new Date();
    const userMessageId = randomUUID();
    const { title } = await sessions.add(session, userMessage(userMessageId, request), now);
    const record: TurnRecord = {
      turnId: randomUUID(),
      sessionId: session.id,
      clientId: request.clientId,
      userMessageId,
      messageId: randomUUID(),
      title,
      startedAt: now.toISOString(),
    };
    const turn = new Turn(record, this.#files.start(record), { tier, demo, model: names[0] ?? '' }, limits.workMs);
    this.#byClient.set(request.clientId, record);
    this.#running = turn;
    turn.on('state', (state) => {
      if (state === 'running' || state === 'asking')
        this.emit('state', record, state === 'asking' ? 'asking' : 'started');
    });
    this.emit('busy', true);
    this.emit('state', record, 'started');
    void this.#run(turn, () => prepare(turn, request, names));
    return record;
  }

  async #run(turn: Turn, prepare: () => Promise<TurnWork>): Promise<void> {
    const outcome = await runTurn(turn, prepare);
    await this.#save(turn);
    // Who has seen the end may start the next one at once.
    this.#last = turn;
    this.#running = undefined;
    await turn.end();
    this.emit('busy', this.#running !== undefined);
    this.emit('ended', turn.record, outcome);
    await this.#files.newest();
  }

  async #keep(turn: Turn): Promise<void> {
    try {
      await this.#options.keep(turn);
    } catch (error) {
      // The files are there still, and the next turn commits them.
      console.error('what an interrupted turn has done could not be committed', error);
    }
  }

  async #save(turn: Turn): Promise<void> {
    const { sessions } = this.#options;
    const { sessionId, messageId, turnId } = turn.record;
    try {
      const session = await sessions.get(sessionId);
      const parts = buildParts(turn.log.chunks);
      await sessions.add(session, { id: messageId, role: 'assistant', metadata: { turnId }, parts }, new Date());
    } catch (error) {
      console.error('a turn could not be saved', error);
    }
  }
}

function userMessage(id: string, { text, attachments }: TurnRequest) {
  const parts = text === '' ? [] : [{ type: 'text', text, state: 'done' } as const];
  return { id, role: 'user', parts, ...(attachments.length === 0 ? {} : { metadata: { attachments } }) } as const;
}

function turnRunning(record: TurnRecord | undefined): ApiError {
  return new ApiError(409, 'turn_running', 'The agent is working already, maybe in another chat or tab.', {
    next: 'Wait until it has finished, or stop it.',
    ...(record === undefined ? {} : { sessionId: record.sessionId, turnId: record.turnId, title: record.title }),
  });
}
