import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Chunk, Conversation, envData, parseChunk, questionData, turnData } from './conversation.ts';
import type { Answers, Attachment, Turn } from './task.ts';
import { callJson, jsonOf, posting, type Workspace } from './workspace.ts';

const API = '/__shmastra/v1';
/** How much of an answer streams before the person stops it. */
const STOP_AFTER_DELTAS = 5;
const START_MS = 10_000;
const RETRY_MS = 200;

export type Bounds = {
  /** Of one task, set-up and checks not counted, in milliseconds. */
  ms: number;
  /** Of one task; null where a model's price is not known. */
  costMicros: number;
};

/** A task that took more than it may. */
export class OutOfBounds extends Error {}

const sessionSchema = z.object({ session: z.object({ id: z.string() }) });
const turnSchema = z.object({ turnId: z.string() });
const attachmentSchema = z.object({ id: z.string() });

/** Speaks the chat API as the widget does: one session, one turn after another. */
export async function converse(
  workspace: Workspace,
  turns: readonly Turn[],
  { answers = {}, bounds }: { answers?: Answers; bounds: Bounds },
): Promise<Conversation> {
  const chat = new Chat(workspace, answers, bounds);
  await chat.open();
  try {
    for (const turn of turns) await chat.take(turn);
  } finally {
    await chat.keepStored();
  }
  return chat.conversation;
}

class Chat {
  readonly conversation = new Conversation();
  readonly #workspace: Workspace;
  readonly #answers: Answers;
  readonly #bounds: Bounds;
  readonly #deadline: number;
  readonly #answered = new Set<string>();
  #session = '';

  constructor(workspace: Workspace, answers: Answers, bounds: Bounds) {
    this.#workspace = workspace;
    this.#answers = answers;
    this.#bounds = bounds;
    this.#deadline = performance.now() + bounds.ms;
  }

  async open(): Promise<void> {
    const { session } = sessionSchema.parse(await this.#post('/sessions', {}));
    this.#session = `/sessions/${session.id}`;
  }

  async take(turn: Turn): Promise<void> {
    if ('click' in turn) {
      await this.#post(`/history/${turn.click}`, {});
      return;
    }
    const attachments = turn.attach ? [await this.#attach(turn.attach)] : [];
    const asked = { clientId: randomUUID(), text: turn.say, attachments };
    const { turnId } = turnSchema.parse(await this.#post(`${this.#session}/turns`, asked));
    const chunks: Chunk[] = [];
    try {
      await this.#follow(turnId, chunks, turn.stop === true);
    } finally {
      this.conversation.add(chunks);
    }
  }

  async keepStored(): Promise<void> {
    const response = await this.#workspace.call(API + this.#session);
    this.conversation.stored = await response.text();
  }

  async #attach({ name, content }: Attachment): Promise<string> {
    const path = `${API}/attachments?name=${encodeURIComponent(name)}`;
    const init = { method: 'POST', body: content, headers: { 'content-type': 'application/octet-stream' } };
    return attachmentSchema.parse(await callJson(this.#workspace, path, init)).id;
  }

  async #follow(turnId: string, chunks: Chunk[], stop: boolean): Promise<void> {
    let deltas = 0;
    let stopped = false;
    for await (const chunk of this.#stream(turnId)) {
      chunks.push(chunk);
      await this.#answer(chunk);
      await this.#keepWithin(chunk);
      if (chunk.type === 'text-delta') deltas += 1;
      if (stop && !stopped && deltas >= STOP_AFTER_DELTAS) {
        stopped = true;
        await this.#post(`${this.#session}/stop`, {});
      }
    }
  }

  async *#stream(turnId: string): AsyncGenerator<Chunk> {
    const left = this.#deadline - performance.now();
    const signal = AbortSignal.timeout(Math.max(1, Math.round(left)));
    const path = `${API}${this.#session}/turns/${turnId}/stream?after=0`;
    try {
      const response = await this.#workspace.call(path, { signal });
      if (!response.ok || !response.body) throw new Error(`the stream answers ${response.status}`);
      let text = '';
      for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
        text += piece;
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data === '[DONE]') return;
          if (data !== undefined) yield parseChunk(data);
        }
      }
      throw new Error('the stream broke off');
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.#post(`${this.#session}/stop`, {}).catch(() => {});
      throw new OutOfBounds(`took longer than ${Math.round(this.#bounds.ms / 1000)} s, and was stopped`);
    }
  }

  async #answer(chunk: Chunk): Promise<void> {
    if (chunk.type === 'data-question') {
      const { id, state } = questionData.parse(chunk.data);
      const { question } = this.#answers;
      await this.#once(state, id, `questions/${id}`, question === undefined ? { skip: true } : { answer: [question] });
    } else if (chunk.type === 'data-env') {
      const { id, state, variables } = envData.parse(chunk.data);
      const given = this.#answers.variables ?? {};
      const known = variables.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, given[name]]]));
      const body = known.length === variables.length ? { values: Object.fromEntries(known) } : { skip: true };
      await this.#once(state, id, `env/${id}`, body);
    }
  }

  async #once(state: string, id: string, path: string, body: unknown): Promise<void> {
    if (state !== 'open' || this.#answered.has(id)) return;
    this.#answered.add(id);
    await this.#post(`${this.#session}/${path}`, body);
  }

  async #keepWithin(chunk: Chunk): Promise<void> {
    if (chunk.type !== 'data-turn') return;
    const { costMicros, state } = turnData.parse(chunk.data);
    const spent = (this.conversation.costMicros ?? 0) + (costMicros ?? 0);
    if (spent <= this.#bounds.costMicros || state !== 'running') return;
    await this.#post(`${this.#session}/stop`, {}).catch(() => {});
    throw new OutOfBounds(`cost more than ${this.#bounds.costMicros / 1e6} USD, and was stopped`);
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const init = { ...posting(body), headers: { 'content-type': 'application/json', 'x-shmastra-chat': '1' } };
    const deadline = performance.now() + START_MS;
    for (;;) {
      const response = await this.#workspace.call(API + path, init);
      // The agent's process starts with the first request.
      if (response.status !== 503 || performance.now() > deadline) return jsonOf(response, path);
      await response.body?.cancel();
      await sleep(RETRY_MS);
    }
  }
}
