import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import { ApiError } from '../errors.ts';
import type { Models } from '../models/model-offer.ts';
import type { Session, SessionStore } from '../sessions/session-store.ts';
import type { Limits } from '../settings.ts';
import type { TierId, TurnState } from './chunks.ts';
import { buildParts } from './message-builder.ts';
import { runTurn, type TurnWork } from './run-turn.ts';
import { TurnLog } from './turn-log.ts';
import { Turn, type Outcome, type TurnRecord } from './turn.ts';

export type TurnRequest = {
  clientId: string;
  text: string;
  attachments: string[];
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
};

type TurnsEvents = { busy: [boolean]; turn: [Turn, TurnState]; ended: [Turn, Outcome] };

/** How many ended turns can still be replayed from memory. */
const KEPT = 20;

/** The turns of the project: one at a time. */
export class Turns extends EventEmitter<TurnsEvents> {
  readonly #options: TurnsOptions;
  readonly #folder: string;
  readonly #known = new Map<string, Turn>();
  #running: Turn | undefined;
  #starting = false;

  constructor(options: TurnsOptions) {
    super();
    this.#options = options;
    this.#folder = join(options.dataDir, 'turns');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  get running(): Turn | undefined {
    return this.#running;
  }

  /** The turn of a session that runs. Throws `turn_not_running`. */
  runningIn(sessionId: string): Turn {
    if (this.#running?.record.sessionId === sessionId) return this.#running;
    throw new ApiError(409, 'turn_not_running', 'Nothing is running in this chat.');
  }

  find(sessionId: string, turnId: string): Turn {
    const turn = this.#known.get(turnId);
    if (turn?.record.sessionId === sessionId) return turn;
    throw new ApiError(404, 'turn_not_found', 'This turn is over.', { next: 'Reload the chat.' });
  }

  /** Starts a turn, or gives back the one that the same client id has started. */
  async start(session: Session, request: TurnRequest): Promise<Turn> {
    const known = [...this.#known.values()].find(({ record }) => record.clientId === request.clientId);
    if (known !== undefined) return known;
    const busy = this.#running;
    if (busy !== undefined || this.#starting) throw turnRunning(busy?.record);
    this.#starting = true;
    try {
      return await this.#start(session, request);
    } finally {
      this.#starting = false;
    }
  }

  async #start(session: Session, request: TurnRequest): Promise<Turn> {
    const { sessions, models, limits, prepare } = this.#options;
    const chosen = await models.choose(request.tier);
    if (request.replaces !== undefined) await sessions.dropFrom(session.id, request.replaces);
    const now = new Date();
    const userMessageId = randomUUID();
    const message = {
      id: userMessageId,
      role: 'user',
      parts: [{ type: 'text', text: request.text, state: 'done' }],
    } as const;
    const { title } = await sessions.add(session, { ...message, parts: [...message.parts] }, now);
    const record: TurnRecord = {
      turnId: randomUUID(),
      sessionId: session.id,
      clientId: request.clientId,
      userMessageId,
      messageId: randomUUID(),
      title,
      startedAt: now.toISOString(),
    };
    const log = TurnLog.start(join(this.#folder, `${record.turnId}.jsonl`), record);
    const { tier, demo } = chosen;
    const turn = new Turn(record, log, { tier, demo, model: chosen.models[0] ?? '' }, limits.workMs);
    this.#remember(turn);
    this.#running = turn;
    this.emit('busy', true);
    this.emit('turn', turn, 'running');
    turn.on('state', (state) => this.emit('turn', turn, state));
    void this.#run(turn, () => prepare(turn, request, chosen.models));
    return turn;
  }

  async #run(turn: Turn, prepare: () => Promise<TurnWork>): Promise<void> {
    const outcome = await runTurn(turn, prepare);
    await this.#save(turn);
    await turn.end();
    this.#running = undefined;
    this.emit('busy', false);
    this.emit('ended', turn, outcome);
  }

  async #save(turn: Turn): Promise<void> {
    const { sessions } = this.#options;
    const { sessionId, messageId, turnId } = turn.record;
    try {
      const session = await sessions.get(sessionId);
      const parts = buildParts(turn.log.chunks);
      await sessions.add(session, { id: messageId, role: 'assistant', metadata: { turnId }, parts }, new Date());
    } catch (error) {
      // The session may have been deleted meanwhile.
      console.error('a turn could not be saved', error);
    }
  }

  #remember(turn: Turn): void {
    this.#known.set(turn.record.turnId, turn);
    for (const [id] of this.#known) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(id);
    }
  }
}

function turnRunning(record: TurnRecord | undefined): ApiError {
  return new ApiError(409, 'turn_running', 'The agent is working in another chat or tab.', {
    next: 'Wait until it has finished, or stop it.',
    ...(record === undefined ? {} : { sessionId: record.sessionId, turnId: record.turnId, title: record.title }),
  });
}
