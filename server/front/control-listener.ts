import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../../lib/log.ts';
import { bind, closeServer, createListener } from './listener.ts';
import type { Route } from './router.ts';

/** Each sandbox has an address of its own, which the packet filter checks: one of them cannot take all connections. */
const CONNECTIONS_PER_ADDRESS = 256;

export type ControlListener = {
  server: Server;
  start: () => void;
  bound: Promise<void>;
  close: (graceMs: number) => Promise<void>;
};

/**
 * The listener for sandboxes. Its address is made by the engine, which may start later than the front and take it away
 * for a moment: binding goes on by itself.
 */
export function controlListener(
  address: { host: string; port: number },
  route: Route,
  options: { log: Log; controlPatienceMs?: number; connectionsPerAddress?: number },
): ControlListener {
  const { log, controlPatienceMs = Infinity, connectionsPerAddress = CONNECTIONS_PER_ADDRESS } = options;
  const server = createListener({ name: 'control', log, route });
  limitPerAddress(server, connectionsPerAddress);
  const stopped = new AbortController();
  const { promise: bound, resolve, reject } = Promise.withResolvers<void>();
  bound.catch(() => {});
  const start = (): void => {
    bind(server, address, { patienceMs: controlPatienceMs, log, signal: stopped.signal }).then(
      () => {
        log.info(address, 'the control listener is there');
        resolve();
      },
      (error: unknown) => {
        if (!stopped.signal.aborted) log.error({ err: error, ...address }, 'the control listener cannot be bound');
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  };
  const close = async (graceMs: number): Promise<void> => {
    stopped.abort();
    await closeServer(server, graceMs);
  };
  return { server, start, bound, close };
}

/** Closes connections beyond `max` of one address. */
function limitPerAddress(server: Server, max: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const rest = (open.get(address) ?? 1) - 1;
      if (rest > 0) open.set(address, rest);
      else open.delete(address);
    });
    if (count > max) socket.destroy();
  });
}
