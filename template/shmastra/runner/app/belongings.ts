import type { Mastra } from './mastra-types.ts';

type Client = { disconnect?: () => Promise<unknown> };
type ClientClass = new (options: Record<string, unknown>) => Client;

/** What one version of the project's code holds open that Mastra does not close: MCP clients, MCP servers, channels. */
export class Belongings {
  static #versions = 0;
  readonly #version = ++Belongings.#versions;
  readonly #clients: Client[] = [];

  /** Wraps a class of clients, so that those that are made are known. */
  readonly own = <T>(_name: string, original: T): T => {
    if (typeof original !== 'function') return original;
    return new Proxy(original, {
      construct: (target, [options, ...rest]: [Record<string, unknown> | undefined, ...unknown[]], newTarget) => {
        // Clients of equal servers are one and the same, or refused, unless their names differ: those of the version
        // before still live, and go with it.
        const id = `${String(options?.id ?? `client-${this.#clients.length}`)}@${this.#version}`;
        const client = Reflect.construct(target, [{ ...options, id }, ...rest], newTarget) as InstanceType<ClientClass>;
        this.#clients.push(client);
        return client;
      },
    });
  };

  /** Ends what would otherwise compete with the next version for the same messages. */
  async leaveChannels(mastra: Mastra): Promise<void> {
    const channels = Object.values(mastra.getChannels?.() ?? {});
    await Promise.allSettled(channels.map((channel) => leave(channel)));
  }

  /** Ends the sessions that others have with MCP servers of this version: they connect anew, to the next one. */
  async closeServers(mastra: Mastra): Promise<void> {
    const servers = Object.values(mastra.listMCPServers?.() ?? {});
    await Promise.allSettled(servers.map(async (server) => server.close?.()));
  }

  async disconnectClients(): Promise<void> {
    await Promise.allSettled(this.#clients.splice(0).map(async (client) => client.disconnect?.()));
  }
}

type Channels = { sdk?: { shutdown?: () => Promise<void> } | null };
type StartGateway = (options: unknown, durationMs: number, signal?: AbortSignal) => Promise<unknown>;
export type ChannelsClass = {
  prototype: {
    startGatewayLoop?: (name: string, start: StartGateway) => void;
    initialize?: (mastra: unknown) => Promise<void>;
  };
};

const left = new WeakMap<object, AbortController>();

async function leave(channels: Channels): Promise<void> {
  endingOf(channels).abort();
  await channels.sdk?.shutdown?.();
}

function endingOf(channels: object): AbortController {
  const known = left.get(channels) ?? new AbortController();
  left.set(channels, known);
  return known;
}

/** Mastra connects a channel again whenever its connection ends, for as long as the process lives: not once it is left. */
export function makeChannelsLeavable({ prototype }: ChannelsClass): void {
  const original = prototype.startGatewayLoop;
  if (original === undefined) return;
  prototype.startGatewayLoop = function (this: object, name, start) {
    const { signal } = endingOf(this);
    original.call(this, name, (options, durationMs) =>
      signal.aborted ? new Promise(() => {}) : start(options, durationMs, signal),
    );
  };
}

/** For code that is only checked: it must not answer anybody. */
export function keepChannelsClosed({ prototype }: ChannelsClass): void {
  prototype.initialize = async () => {};
}
