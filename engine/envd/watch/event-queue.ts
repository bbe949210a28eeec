import { EnvdError } from '../http/errors.ts';
import type { FilesystemEvent } from './messages.ts';
import { MAX_EVENTS } from './watched-tree.ts';

/** Events that nobody has taken yet: as many as the kernel would keep, with entries fewer. */
export class EventQueue {
  readonly #limit: number;
  #events: FilesystemEvent[] = [];
  #error: EnvdError | undefined;

  constructor(withEntries: boolean) {
    // An entry is about eight times as big as an event.
    this.#limit = withEntries ? MAX_EVENTS / 8 : MAX_EVENTS;
  }

  /** Events beyond the limit are lost, and that is the error which {@link take} throws. */
  push(events: FilesystemEvent[]): void {
    if (this.#events.length + events.length > this.#limit) {
      this.fail(new EnvdError('internal', 'watcher error: fsnotify: queue or buffer overflow'));
    } else {
      for (const event of events) this.#events.push(event);
    }
  }

  fail(error: EnvdError): void {
    this.#error ??= error;
    this.#events = [];
  }

  get error(): EnvdError | undefined {
    return this.#error;
  }

  /** @throws EnvdError that ended the watcher */
  take(): FilesystemEvent[] {
    if (this.#error) throw this.#error;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
