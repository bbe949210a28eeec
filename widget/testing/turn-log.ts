import type { ServerResponse } from 'node:http';
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import { messageSchema, type ChatMessage } from '../api/shapes.ts';

/** A turn of the double: its chunks with their numbers, replayed to whoever joins. */
export class TurnLog {
  readonly id: string;
  readonly chunks: UIMessageChunk[] = [];
  ended = false;
  stopped = false;
  readonly #followers = new Map<ServerResponse, number>();
  readonly #waiting = new Map<string, (value: unknown) => void>();
  #onStop: (() => void) | null = null;

  constructor(id: string) {
    this.id = id;
  }

  emit(...chunks: UIMessageChunk[]): void {
    this.chunks.push(...chunks);
    for (const response of this.#followers.keys()) this.#send(response);
  }

  end(): void {
    this.ended = true;
    for (const response of this.#followers.keys()) this.#send(response);
  }

  follow(response: ServerResponse, after: number): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': joined\n\n');
    this.#followers.set(response, after);
    response.on('close', () => this.#followers.delete(response));
    this.#send(response);
  }

  /** Cuts all connections, as a network does. */
  drop(): void {
    for (const response of this.#followers.keys()) response.destroy();
    this.#followers.clear();
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** Waits for the answer to a question, or for the stop. */
  answer(id: string): Promise<unknown> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  resolve(id: string, value: unknown): boolean {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(value);
    return waiting !== undefined;
  }

  stop(): void {
    this.stopped = true;
    this.#onStop?.();
    for (const id of this.#waiting.keys()) this.resolve(id, { skip: true });
  }

  untilStopped(): Promise<void> {
    return this.stopped ? Promise.resolve() : new Promise((resolve) => (this.#onStop = resolve));
  }

  /** The message that the chunks amount to. */
  async message(): Promise<ChatMessage> {
    const chunks = [...this.chunks];
    const stream = new ReadableStream<UIMessageChunk>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    let last: unknown = null;
    for await (const snapshot of readUIMessageStream({ stream })) last = snapshot;
    return messageSchema.parse(last);
  }

  #send(response: ServerResponse): void {
    let sent = this.#followers.get(response) ?? 0;
    for (; sent < this.chunks.length; sent++) {
      response.write(`id: ${sent + 1}\ndata: ${JSON.stringify(this.chunks[sent])}\n\n`);
    }
    this.#followers.set(response, sent);
    if (this.ended) response.end('data: [DONE]\n\n');
  }
}
