import { createServer, type Server } from 'node:http';
import type { Version } from './version.ts';

/** The HTTP server of the app process: a socket that stays, and a version behind it that is swapped. */
export class AppServer {
  readonly #server: Server;
  #current: Version | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      if (this.#current === undefined) response.writeHead(503).end();
      else this.#current.answer(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#current === undefined) socket.destroy();
      else this.#current.upgrade(request, socket, head);
    });
    // Only the runner connects, and keeps its connections: closing an idle one would race with its next request.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
  }

  listen(socketPath: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socketPath, () => resolve());
    });
  }

  get current(): Version | undefined {
    return this.#current;
  }

  /** From now on requests go to this version. Returns the one before, which finishes what it has begun. */
  swap(version: Version): Version | undefined {
    const previous = this.#current;
    this.#current = version;
    return previous;
  }

  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }
}
