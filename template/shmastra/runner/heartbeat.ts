const PING_MS = 500;
/** While code is loaded, it should be noticed soon that it does not let go. */
const EAGER_PING_MS = 100;

/**
 * Notices when a process stops to respond. Counts pings rather than looks at the clock: after a pause of the whole
 * sandbox one ping is late, not twenty.
 */
export class Heartbeat {
  readonly #ping: () => void;
  #timer: NodeJS.Timeout;
  #intervalMs = PING_MS;
  #silentMs = 0;

  constructor(ping: () => void) {
    this.#ping = ping;
    this.#timer = setInterval(() => this.#tick(), PING_MS);
  }

  /** For about how long there has been no answer. */
  get silentMs(): number {
    return this.#silentMs;
  }

  answered(): void {
    this.#silentMs = 0;
  }

  eager(on: boolean): void {
    clearInterval(this.#timer);
    this.#intervalMs = on ? EAGER_PING_MS : PING_MS;
    this.#timer = setInterval(() => this.#tick(), this.#intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#silentMs += this.#intervalMs;
    this.#ping();
  }
}
