import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ENVD_PORT } from '../sandboxes/machines.ts';
import type { SandboxManager } from '../sandboxes/manager.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { forward } from './forward.ts';
import { replyRaw, reply, sandboxNotFound, tokenMissing, type ProxyError } from './replies.ts';
import { findSignedSandbox, sameText } from './signed-files.ts';
import { findTarget, type Target } from './target.ts';
import { forwardUpgrade } from './upgrade.ts';

export type Proxy = {
  /** Resolves to false for a request that is meant for the API. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void>;
};

export function createProxy(manager: SandboxManager, addressOf: (index: number) => string, domain: string): Proxy {
  async function reach(request: IncomingMessage, target: Target): Promise<Sandbox | ProxyError> {
    // Probing a paused sandbox must not wake it.
    const wake = !(target.envd && request.url?.startsWith('/health'));
    const sandbox = await manager.reachable(target.sandboxId, wake).catch(() => null);
    if (sandbox === null) return sandboxNotFound(target.sandboxId);
    const { trafficToken } = sandbox.record;
    const given = request.headers['e2b-traffic-access-token'];
    if (trafficToken !== undefined && !target.envd && !(typeof given === 'string' && sameText(given, trafficToken))) {
      return tokenMissing(sandbox.id);
    }
    return sandbox;
  }

  function targetOf(request: IncomingMessage): Target | null {
    const target = findTarget(request, domain);
    if (target !== null || !request.url?.startsWith('/files?')) return target;
    const url = new URL(request.url, 'http://engine');
    const signed = findSignedSandbox(request.method ?? 'GET', url, manager.all());
    return signed === null ? null : { sandboxId: signed.id, port: ENVD_PORT, envd: true };
  }

  return {
    async handle(request, response) {
      const target = targetOf(request);
      if (target === null) return false;
      const reached = await reach(request, target);
      if ('status' in reached) reply(response, reached);
      else forward(request, response, reached, addressOf(reached.record.addressIndex), target.port);
      return true;
    },
    async upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const target = targetOf(request);
      const reached = target === null ? sandboxNotFound('') : await reach(request, target);
      if ('status' in reached) replyRaw(socket, reached);
      else if (target !== null) {
        forwardUpgrade(request, socket, head, reached, addressOf(reached.record.addressIndex), target.port);
      }
    },
  };
}
