import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { localMessage } from '../chat/message.ts';
import type { Attachment, ChatMessage, Session } from '../api/shapes.ts';
import { PLAYS } from './plays.ts';
import { DIFFS, ProjectHistory } from './project-history.ts';
import { TurnLog } from './turn-log.ts';

type StoredSession = { session: Session; messages: ChatMessage[]; turn: TurnLog | null };
type Refusal = { status: number; body: unknown; headers?: Record<string, string> };

const turnRequest = z.object({
  clientId: z.string(),
  text: z.string(),
  attachments: z.optional(z.array(z.string())),
  tier: z.optional(z.string()),
  page: z.optional(z.string()),
  replaces: z.optional(z.string()),
});

/**
 * A double of the coding agent's chat API (docs/chat-api.md), for tests of the widget: it streams, replays, asks and
 * refuses. A prompt names its play: "slow", "question", "env" and so on.
 */
export class ChatApi {
  readonly sessions = new Map<string, StoredSession>();
  readonly history = new ProjectHistory();
  readonly requests: z.infer<typeof turnRequest>[] = [];
  readonly posts: { path: string; body: unknown }[] = [];
  readonly #attachments = new Map<string, Attachment>();
  readonly #turns = new Map<string, { sessionId: string; turn: TurnLog; userMessageId: string }>();
  readonly #listeners = new Set<ServerResponse>();
  demo = false;
  /** What every call is answered with while it is set. */
  refusal: Refusal | null = null;

  addSession(title: string, messages: ChatMessage[] = []): Session {
    const at = new Date().toISOString();
    const session: Session = { id: randomUUID(), title, createdAt: at, updatedAt: at, running: false };
    this.sessions.set(session.id, { session, messages, turn: null });
    return session;
  }

  get running(): TurnLog | null {
    return [...this.sessions.values()].find((stored) => stored.turn)?.turn ?? null;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async handle(path: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.refusal) return void send(response, this.refusal.status, this.refusal.body, this.refusal.headers);
    if (request.headers['x-shmastra-chat'] !== '1')
      return void send(response, 426, { error: { code: 'version', versions: [1] } });
    const [area, id, part, partId, last] = path.split('/').slice(1);
    const method = request.method ?? 'GET';
    if (method === 'POST' && area === 'attachments') return this.#attach(url, request, response);
    const body = method === 'POST' || method === 'PATCH' ? await json(request).catch(() => ({})) : null;
    if (method === 'POST') this.posts.push({ path, body });
    if (area === 'info') return void send(response, 200, this.#info());
    if (area === 'events') return this.#listen(response);
    if (area === 'apps')
      return void send(response, 200, {
        apps: [
          {
            name: 'greeter',
            title: 'Greeter',
            path: 'src/mastra/public/apps/greeter',
            updatedAt: new Date().toISOString(),
          },
        ],
      });
    if (area === 'export')
      return void response.writeHead(200, { 'content-disposition': 'attachment; filename="shmastra.zip"' }).end('PK');
    if (area === 'history') return this.#history(method, id, response);
    if (area === 'sessions' && id === undefined) return this.#sessions(method, response);
    const stored = this.sessions.get(id ?? '');
    if (!stored) return void send(response, 404, { error: { code: 'not_found', message: 'There is no such chat.' } });
    if (part === undefined) return this.#session(method, stored, body, response);
    if (part === 'turns' && method === 'POST') return this.#start(stored, turnRequest.parse(body), response);
    if (part === 'turns' && last === 'stream') {
      const turn = this.#turns.get(partId ?? '')?.turn;
      if (!turn) return void send(response, 404, { error: { code: 'not_found', message: 'There is no such turn.' } });
      return turn.follow(response, Number(url.searchParams.get('after') ?? 0));
    }
    if (part === 'stop') {
      stored.turn?.stop();
      return void send(response, 202, {});
    }
    if (part === 'questions' || part === 'env') {
      const known = stored.turn?.resolve(partId ?? '', body) ?? false;
      return void send(
        response,
        known ? 202 : 404,
        known ? {} : { error: { code: 'not_found', message: 'That was answered already.' } },
      );
    }
    send(response, 404, { error: { code: 'not_found', message: 'There is nothing here.' } });
  }

  /** Cuts the streams of events and turns. */
  drop(): void {
    this.running?.drop();
  }

  tell(event: unknown): void {
    for (const listener of this.#listeners) listener.write(`data: ${JSON.stringify(event)}\n\n`);
  }

  #info() {
    return {
      api: 1,
      demo: this.demo,
      defaultTier: 'general',
      limits: { promptCharacters: 20_000, attachmentBytes: 1_000_000, attachments: 3 },
      tiers: [
        { id: 'fast', label: 'Fast', model: 'openai/gpt-5-nano' },
        { id: 'general', label: 'General', model: 'openai/gpt-5-mini' },
        { id: 'best', label: 'Best', model: 'anthropic/claude-opus' },
        { id: 'developer', label: 'Developer', model: null },
      ],
    };
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': here\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  #sessions(method: string, response: ServerResponse): void {
    if (method === 'POST') return void send(response, 201, { session: this.addSession('') });
    const sessions = [...this.sessions.values()].map((stored) => stored.session);
    send(response, 200, { sessions: sessions.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)) });
  }

  #session(method: string, stored: StoredSession, body: unknown, response: ServerResponse): void {
    if (method === 'DELETE') {
      this.sessions.delete(stored.session.id);
      return void response.writeHead(204).end();
    }
    if (method === 'PATCH') stored.session.title = z.object({ title: z.string() }).parse(body).title;
    const running = stored.turn ? { turnId: stored.turn.id } : null;
    send(response, 200, { session: stored.session, messages: stored.messages, running });
  }

  #start(stored: StoredSession, body: z.infer<typeof turnRequest>, response: ServerResponse): void {
    const known = this.#turns.get(body.clientId);
    if (known) return void send(response, 202, { turnId: known.turn.id, userMessageId: known.userMessageId });
    const busy = [...this.sessions.values()].find((other) => other.turn)?.session;
    if (busy) {
      const error = {
        code: 'turn_running',
        message: 'The agent is working already.',
        sessionId: busy.id,
        title: busy.title,
      };
      return void send(response, 409, { error });
    }
    this.requests.push(body);
    const at = stored.messages.findIndex((message) => message.id === body.replaces);
    if (at !== -1) stored.messages.length = at;
    const files = (body.attachments ?? []).flatMap((id) => this.#attachments.get(id) ?? []);
    const own = { ...localMessage(randomUUID(), body.text, files), metadata: { attachments: files } };
    stored.messages.push(own);
    const turn = new TurnLog(randomUUID());
    stored.turn = turn;
    stored.session.title ||= body.text.slice(0, 40);
    stored.session.updatedAt = new Date().toISOString();
    stored.session.running = true;
    const entry = { sessionId: stored.session.id, turn, userMessageId: own.id };
    this.#turns.set(body.clientId, entry);
    this.#turns.set(turn.id, entry);
    send(response, 202, { turnId: turn.id, userMessageId: own.id });
    void this.#perform(stored, turn, body.text);
  }

  async #perform(stored: StoredSession, turn: TurnLog, prompt: string): Promise<void> {
    const event = { type: 'turn', sessionId: stored.session.id, turnId: turn.id, title: stored.session.title };
    this.tell({ ...event, state: 'started' });
    const facts = {
      turnId: turn.id,
      tier: 'general',
      model: 'openai/gpt-5-mini',
      demo: this.demo,
      startedAt: new Date().toISOString(),
      steps: 3,
      costMicros: 31_200,
      verb: 'Writing files',
      state: 'running',
    };
    const data = (type: string, value: unknown, id: string = randomUUID()): void => {
      const own = type === 'data-turn' ? { ...facts, ...Object(value) } : value;
      turn.emit({ type: `data-${type.slice(5)}`, id: type === 'data-turn' ? 'turn' : id, data: own });
    };
    turn.emit({ type: 'start', messageId: randomUUID() }, { type: 'start-step' });
    data('data-turn', {});
    const name = Object.keys(PLAYS).find((key) => prompt.toLowerCase().includes(key)) ?? 'say';
    const state = await (PLAYS[name] ?? PLAYS['say'])?.(turn, data);
    if (name === 'create') {
      for (const diff of DIFFS) data('data-diff', diff);
      const commit = this.history.change('Add the hello agent');
      data('data-commit', {
        ...commit,
        live: { ms: 92, revision: this.history.commits.length },
        open: { label: 'Chat with Hello', path: '/studio/agents/hello/threads/new' },
        undoable: true,
      });
    }
    data('data-turn', { verb: '', state });
    turn.emit({ type: 'finish-step' }, { type: 'finish' });
    stored.messages.push(await turn.message());
    stored.turn = null;
    stored.session.running = false;
    turn.end();
    this.tell({ ...event, state: 'ended', outcome: state });
  }

  #history(method: string, id: string | undefined, response: ServerResponse): void {
    if (method === 'GET' && id === undefined) {
      const { commits, undo, redo, undone } = this.history;
      return void send(response, 200, { commits, undo, redo, undone, state: 'clean' });
    }
    if (method === 'GET') {
      const commit = this.history.commits.find((other) => other.hash === id);
      return void send(response, 200, { commit: commit ?? null, files: DIFFS });
    }
    const commit =
      id === 'undo'
        ? this.history.undoLast()
        : id === 'redo'
          ? this.history.redoLast()
          : this.history.add('Restore "Add the hello agent"', 'restore', 'you');
    if (!commit)
      return void send(response, 404, { error: { code: 'nothing_to_undo', message: 'There is nothing to undo.' } });
    send(response, 200, { commit, live: { ms: 80, revision: 1 } });
    this.tell({ type: 'history' });
  }

  async #attach(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let bytes = 0;
    for await (const chunk of request) bytes += Buffer.byteLength(chunk);
    const name = url.searchParams.get('name') ?? 'file';
    if (name.endsWith('.bin'))
      return void send(response, 415, {
        error: { code: 'attachment_unreadable', message: 'This kind of file cannot be read.' },
      });
    const attachment: Attachment = { id: randomUUID(), name, mediaType: 'text/plain', bytes, kind: 'text' };
    this.#attachments.set(attachment.id, attachment);
    send(response, 201, attachment);
  }
}

export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
