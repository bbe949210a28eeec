import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { Belongings } from './belongings.ts';
import type { Mastra } from './mastra-types.ts';
import type { MastraModules } from './project-modules.ts';

/** How long runs of a version that is replaced may go on in the background. */
const DRAIN_MS = 5000;
const MCP_SERVERS = '/api/mcp/';
/** Where a bundle that is being loaded finds `Belongings.own`. */
const OWN = Symbol.for('shmastra.own');

/** One version of the project's code, ready to answer. */
export class Version {
  readonly mastra: Mastra;
  readonly #belongings: Belongings;
  readonly #listener: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly #upgrades: EventEmitter;
  /** Answers to those who listen to an MCP server: they never end by themselves. */
  readonly #listeners = new Set<ServerResponse>();
  #open = 0;
  readonly #onIdle: (() => void)[] = [];
  #shutDown: Promise<void> | undefined;

  /** Imports a bundle and builds its server. Throws whatever the project's code throws. */
  static async load(file: string, modules: MastraModules): Promise<Version> {
    const belongings = new Belongings();
    Object.assign(globalThis, { [OWN]: belongings.own });
    try {
      return await Version.#load(file, modules, belongings);
    } catch (error) {
      void belongings.disconnectClients();
      throw error;
    }
  }

  static async #load(file: string, modules: MastraModules, belongings: Belongings): Promise<Version> {
    const exported = (await import(pathToFileURL(file).href)) as { mastra?: unknown; shmastraToolModules?: object[] };
    const { mastra } = exported;
    if (!isMastra(mastra)) throw new Error('src/mastra/index.ts has to export `mastra`, an instance of Mastra');
    const tools = modules.getToolExports(exported.shmastraToolModules ?? []) ?? {};
    const app = await modules.createHonoServer(mastra, { tools, isDev: false, studio: false });
    const upgrades = new EventEmitter();
    app.injectWebSocket?.(upgrades);
    const listener = getRequestListener((request, environment) => app.fetch(request, environment));
    return new Version(mastra, belongings, listener, upgrades);
  }

  private constructor(
    mastra: Mastra,
    belongings: Belongings,
    listener: (request: IncomingMessage, response: ServerResponse) => unknown,
    upgrades: EventEmitter,
  ) {
    this.mastra = mastra;
    this.#belongings = belongings;
    this.#listener = listener;
    this.#upgrades = upgrades;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#enter(response);
    if (request.method === 'GET' && request.url?.startsWith(MCP_SERVERS) === true) {
      this.#listeners.add(response);
      response.once('close', () => this.#listeners.delete(response));
    }
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
   * Another version answers from now on: ends the background work and the channels at once, MCP servers when their calls
   * have had a moment, and the rest when the last request is through. Resolves then.
   */
  async retire(): Promise<void> {
    void this.#belongings.leaveChannels(this.mastra);
    await this.mastra.stopWorkers?.({ drainTimeout: DRAIN_MS });
    // Those who are connected to an MCP server stay until it closes.
    await Promise.race([this.#idle(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    await this.#belongings.closeServers(this.mastra);
    // A server that closes forgets its event streams without ending them.
    for (const response of this.#listeners) response.destroy();
    await this.#idle();
    await this.shutDown();
  }

  async #idle(): Promise<void> {
    while (this.#open > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  get busy(): boolean {
    return this.#open > 0;
  }

  shutDown(): Promise<void> {
    this.#shutDown ??= this.#close();
    return this.#shutDown;
  }

  async #close(): Promise<void> {
    await Promise.allSettled([
      this.#belongings.leaveChannels(this.mastra),
      this.#belongings.closeServers(this.mastra),
      this.#belongings.disconnectClients(),
      this.mastra.shutdown?.({ drainTimeout: DRAIN_MS }),
    ]);
  }

  #enter(connection: EventEmitter): void {
    this.#open++;
    connection.once('close', () => {
      this.#open--;
      if (this.#open === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    });
  }
}

function isMastra(value: unknown): value is Mastra {
  return typeof value === 'object' && value !== null && 'getServer' in value && 'getStorage' in value;
}
