import type { ServerResponse } from 'node:http';
import type { Health, HealthReport } from './health.ts';

const MAX_FOLLOWERS = 64;
/** Shows both ends that the other is still there. */
const HEARTBEAT_MS = 25_000;

/** Streams the state to those who follow it: the state now, and each change. */
export class EventStream {
  readonly #health: Health;
  readonly #followers = new Set<ServerResponse>();

  constructor(health: Health) {
    this.#health = health;
  }

  /** False when there are too many followers already. */
  follow(response: ServerResponse): boolean {
    if (this.#followers.size >= MAX_FOLLOWERS) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (report: HealthReport) => response.write(`data: ${JSON.stringify(eventOf(report))}\n\n`);
    send(this.#health.report);
    const unsubscribe = this.#health.subscribe(send);
    const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS);
    this.#followers.add(response);
    response.once('close', () => {
      clearInterval(heartbeat);
      unsubscribe();
      this.#followers.delete(response);
    });
    return true;
  }

  close(): void {
    for (const response of this.#followers) response.end();
  }
}

const eventOf = ({ revision, state, error }: HealthReport) => ({
  revision,
  state,
  ...(error === undefined ? {} : { error }),
});
