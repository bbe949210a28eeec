import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import type { Mastra } from './mastra-types.ts';
import type { MastraModules } from './project-modules.ts';

/** How long runs of a version that is replaced may go on in the background. */
const DRAIN_MS = 5000;

/** One version of the project's code, ready to answer. */
export class Version {
  readonly mastra: Mastra;
  readonly #listener: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly #upgrades: EventEmitter;
  #open = 0;
  #onIdle: (() => void) | undefined;
  #shutDown: Promise<void> | undefined;

  /** Imports a bundle and builds its server. Throws whatever the project's code throws. */
  static async load(file: string, modules: MastraModules): Promise<Version> {
    const exported = (await import(pathToFileURL(file).href)) as { mastra?: unknown; shmastraToolModules?: object[] };
    const { mastra } = exported;
    if (!isMastra(mastra)) throw new Error('src/mastra/index.ts has to export `mastra`, an instance of Mastra');
    const tools = modules.getToolExports(exported.shmastraToolModules ?? []) ?? {};
    const app = await modules.createHonoServer(mastra, { tools, isDev: false, studio: false });
    const upgrades = new EventEmitter();
    app.injectWebSocket?.(upgrades);
    const listener = getRequestListener((request, environment) => app.fetch(request, environment));
    return new Version(mastra, listener, upgrades);
  }

  private constructor(
    mastra: Mastra,
    listener: (request: IncomingMessage, response: ServerResponse) => unknown,
    upgrades: EventEmitter,
  ) {
    this.mastra = mastra;
    this.#listener = listener;
    this.#upgrades = upgrades;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#enter(response);
    void this.#listener(request, response);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#upgrades.listenerCount('upgrade') === 0) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#enter(socket);
    this.#upgrades.emit('upgrade', request, socket, head);
  }

  /** Starts what runs without requests: schedules, background tasks. */
  async start(recover: boolean): Promise<void> {
    await this.mastra.startWorkers?.();
    if (!recover || this.mastra.getStorage() === undefined) return;
    await this.mastra.restartAllActiveWorkflowRuns?.();
    if (this.mastra.recoveryConfig?.durableAgents === 'auto') await this.mastra.recoverAllDurableAgents?.();
  }

  /**
   * Another version answers from now on: ends the background work at once, and the rest when the last request is
   * through. Resolves then.
   */
  async retire(): Promise<void> {
    await this.mastra.stopWorkers?.({ drainTimeout: DRAIN_MS });
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.shutDown();
  }

  get busy(): boolean {
    return this.#open > 0;
  }

  shutDown(): Promise<void> {
    this.#shutDown ??= Promise.resolve(this.mastra.shutdown?.({ drainTimeout: DRAIN_MS }));
    return this.#shutDown;
  }

  #enter(connection: EventEmitter): void {
    this.#open++;
    connection.once('close', () => {
      this.#open--;
      if (this.#open === 0) this.#onIdle?.();
    });
  }
}

function isMastra(value: unknown): value is Mastra {
  return typeof value === 'object' && value !== null && 'getServer' in value && 'getStorage' in value;
}
