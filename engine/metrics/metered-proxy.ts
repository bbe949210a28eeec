import type { Socket } from 'node:net';
import type { Proxy } from '../proxy/proxy.ts';
import type { Metrics } from './metrics.ts';

const traffic = ({ bytesRead, bytesWritten }: Socket) => ({ received: bytesRead, sent: bytesWritten });

/** The proxy with its requests, bytes and open connections counted. */
export function createMeteredProxy(proxy: Proxy, metrics: Metrics): Proxy {
  return {
    async handle(request, response) {
      // A connection carries one request after another: the difference is this one's.
      const { socket } = request;
      const before = traffic(socket);
      if (!(await proxy.handle(request, response))) return false;
      metrics.proxyOpened('request');
      const closed = () => {
        const now = traffic(socket);
        const code = response.headersSent ? `${Math.floor(response.statusCode / 100)}xx` : 'aborted';
        const bytes = { received: now.received - before.received, sent: now.sent - before.sent };
        metrics.proxyClosed('request', code, bytes);
      };
      if (response.closed) closed();
      else response.once('close', closed);
      return true;
    },
    async upgrade(request, socket, head) {
      metrics.proxyOpened('upgrade');
      const before = traffic(socket);
      socket.once('close', () => {
        const now = traffic(socket);
        const bytes = { received: now.received - before.received, sent: now.sent - before.sent };
        metrics.proxyClosed('upgrade', 'upgraded', bytes);
      });
      await proxy.upgrade(request, socket, head);
    },
  };
}
