import { describe, expect, it } from 'vitest';
import { Belongings, keepChannelsClosed, makeChannelsLeavable } from './belongings.ts';
import type { Mastra } from './mastra-types.ts';

class Client {
  static readonly ids: string[] = [];
  readonly id: string;
  disconnected = 0;
  constructor({ id = 'none' }: { id?: string; servers?: object } = {}) {
    this.id = id;
    Client.ids.push(id);
  }
  async disconnect(): Promise<void> {
    this.disconnected++;
  }
}

const mastraWith = (parts: Partial<Mastra>): Mastra => ({
  getServer: () => undefined,
  getStorage: () => undefined,
  ...parts,
});

describe('Belongings', () => {
  it('disconnects the clients of its own version, and gives them names of their own', async () => {
    const [old, next] = [new Belongings(), new Belongings()];
    const [OldClient, NextClient] = [old.own('MCPClient', Client), next.own('MCPClient', Client)];
    const clients = [new OldClient({ servers: {} }), new OldClient({ id: 'mine' }), new NextClient({ servers: {} })];
    expect(clients[0]).toBeInstanceOf(Client);
    expect(new Set(Client.ids).size).toBe(3);
    await old.disconnectClients();
    expect(clients.map(({ disconnected }) => disconnected)).toEqual([1, 1, 0]);
  });

  it('closes MCP servers, however badly one does', async () => {
    let closed = 0;
    const servers = {
      bad: { close: () => Promise.reject(new Error('no')) },
      good: { close: async () => void closed++ },
      odd: {},
    };
    await new Belongings().closeServers(mastraWith({ listMCPServers: () => servers }));
    expect(closed).toBe(1);
  });

  it('leaves channels: their connection ends, and is not made again', async () => {
    const sessions: AbortSignal[] = [];
    class Channels {
      shutDown = 0;
      readonly sdk = { shutdown: async () => void this.shutDown++ };
      // As Mastra does: connects again whenever a session ends.
      startGatewayLoop(_name: string, start: (options: unknown, ms: number, signal?: AbortSignal) => Promise<unknown>) {
        const connect = async (): Promise<void> => {
          for (;;) await start({}, 1000);
        };
        void connect();
      }
    }
    makeChannelsLeavable(Channels);
    const channels = new Channels();
    channels.startGatewayLoop('telegram', (_options, _ms, signal) => {
      if (signal === undefined) throw new Error('no signal');
      sessions.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    expect(sessions).toHaveLength(1);
    await new Belongings().leaveChannels(mastraWith({ getChannels: () => ({ bot: channels }) }));
    await new Promise((resolve) => setImmediate(resolve));
    expect([sessions.length, sessions[0]?.aborted, channels.shutDown]).toEqual([1, true, 1]);
  });

  it('keeps channels closed where code is only checked', async () => {
    let initialized = 0;
    class Channels {
      async initialize(_mastra: unknown): Promise<void> {
        initialized++;
      }
    }
    keepChannelsClosed(Channels);
    await new Channels().initialize({});
    expect(initialized).toBe(0);
  });
});
