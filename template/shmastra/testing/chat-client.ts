import { readdir, readFile, readlink } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Chunk } from '../agent/turns/chunks.ts';
import { parseChunk } from '../agent/turns/chunks.ts';
import { TOKEN, type RunningRunner } from './running-runner.ts';

export type ChatAnswer = { status: number; body: unknown };
export type StreamedEvent = { sequence: number; chunk: Chunk };

const MOUNT = '/__shmastra/v1';
const started = z.object({ turnId: z.string(), userMessageId: z.string() });
const created = z.object({ session: z.object({ id: z.string() }) });

/** Speaks the chat API as the widget does. */
export class ChatClient {
  readonly #runner: RunningRunner;

  constructor(runner: RunningRunner) {
    this.#runner = runner;
  }

  async send(method: string, path: string, body?: unknown): Promise<ChatAnswer> {
    const answer = await this.#runner.send(
      method,
      MOUNT + path,
      body === undefined ? undefined : JSON.stringify(body),
      TOKEN,
      {
        'x-shmastra-chat': '1',
        'content-type': 'application/json',
      },
    );
    return { status: answer.status, body: answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown) };
  }

  async createSession(): Promise<string> {
    return created.parse((await this.send('POST', '/sessions')).body).session.id;
  }

  async startTurn(sessionId: string, text: string, more: Record<string, unknown> = {}) {
    const { status, body } = await this.send('POST', `/sessions/${sessionId}/turns`, {
      clientId: randomUUID(),
      text,
      ...more,
    });
    if (status !== 202) throw new Error(`the turn did not start: ${status} ${JSON.stringify(body)}`);
    return started.parse(body);
  }

  /** The events of a turn's stream, to its end. */
  async *stream(sessionId: string, turnId: string, after = 0): AsyncGenerator<StreamedEvent> {
    const response = await this.#open(`/sessions/${sessionId}/turns/${turnId}/stream?after=${after}`);
    let text = '';
    for await (const piece of response.setEncoding('utf8')) {
      text += piece as string;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const event = parseEvent(text.slice(0, end));
        text = text.slice(end + 2);
        if (event === 'done') return;
        if (event !== undefined) yield event;
      }
    }
    throw new Error('the stream broke off');
  }

  /** Starts a turn and gives back all that it streams. */
  async ask(sessionId: string, text: string, more: Record<string, unknown> = {}): Promise<Chunk[]> {
    const { turnId } = await this.startTurn(sessionId, text, more);
    const chunks: Chunk[] = [];
    for await (const { chunk } of this.stream(sessionId, turnId)) chunks.push(chunk);
    return chunks;
  }

  /** What is told to all tabs, as it comes. */
  async *events(): AsyncGenerator<string> {
    const response = await this.#open('/events');
    let text = '';
    for await (const piece of response.setEncoding('utf8')) {
      text += piece as string;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length);
    }
  }

  /** The pids of the processes of coding agents on a project. */
  async agentProcesses(projectDir: string): Promise<number[]> {
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
    const found = await Promise.all(
      pids.map(async (pid) => {
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
        return /agent\/main\.[jt]s/.test(command) && folder === projectDir;
      }),
    );
    return pids.filter((_pid, index) => found[index]);
  }

  #open(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const sent = request({ host: '127.0.0.1', port: this.#runner.port, path: MOUNT + path, agent: false, headers });
      sent.on('response', (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`the stream answers ${response.statusCode}`));
      });
      sent.on('error', reject);
      sent.end();
    });
  }
}

function parseEvent(text: string): StreamedEvent | 'done' | undefined {
  const data = /^data: (.*)$/m.exec(text)?.[1];
  if (data === undefined) return undefined;
  if (data === '[DONE]') return 'done';
  const chunk = parseChunk(JSON.parse(data));
  return chunk === undefined ? undefined : { sequence: Number(/^id: (\d+)$/m.exec(text)?.[1]), chunk };
}

export const textOf = (chunks: Chunk[]): string =>
  chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join('');

type DataPart = { type: string; id?: string; data: Record<string, unknown> };

/** The data of all parts of a kind, in order. */
export const dataOf = (chunks: Chunk[], name: string): Record<string, unknown>[] =>
  chunks.filter((chunk) => chunk.type === `data-${name}`).map((chunk) => (chunk as DataPart).data);
