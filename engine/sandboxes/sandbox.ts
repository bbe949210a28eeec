import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { SandboxRecord } from '../state/record.ts';
import { Mutex } from './mutex.ts';

/** Idle connections kept per sandbox; each costs a descriptor on both sides. */
const IDLE_CONNECTIONS = 32;
const AGENT = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, scheduling: 'lifo' } as const;

/** A sandbox as the running engine holds it: its record and what lives only as long as the engine does. */
export class Sandbox {
  record: SandboxRecord;
  /** Whoever changes the sandbox holds it. */
  readonly mutex = new Mutex();
  removed = false;
  /** A fork or a snapshot of it is being made. */
  copying = false;
  /** Starts after its processes ended by themselves, Unix ms. */
  restarts: number[] = [];
  /** Ends what goes on in the background while it is paused. */
  idle = new AbortController();
  agent = new Agent(AGENT);
  /** For ports whose servers speak TLS. */
  tlsAgent = new TlsAgent(AGENT);
  readonly #sockets = new Set<Socket>();

  constructor(record: SandboxRecord) {
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  /** Whoever changes a paused sandbox does not wait for what goes on meanwhile. */
  disturb(): void {
    this.idle.abort();
    this.idle = new AbortController();
  }

  /** Remembers a proxied connection until it closes. */
  track(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** A frozen or dead sandbox answers nothing: callers must learn of it at once. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    this.agent.destroy();
    this.tlsAgent.destroy();
    this.agent = new Agent(AGENT);
    this.tlsAgent = new TlsAgent(AGENT);
  }
}
