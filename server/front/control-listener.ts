import type { Server } from 'node:http';
import type { Log } from '../../lib/log.ts';
import { bind, closeServer, createListener } from './listener.ts';
import type { Route } from './router.ts';

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
  options: { log: Log; controlPatienceMs?: number },
): ControlListener {
  const { log, controlPatienceMs = Infinity } = options;
  const server = createListener({ name: 'control', log, route });
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
