import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CapacityError, RateLimitError } from '../api/errors.ts';
import { ENVD_PORT } from '../sandboxes/machines.ts';
import type { SandboxManager } from '../sandboxes/manager.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { destinationOf, type Destination } from './destination.ts';
import { forward } from './forward.ts';
import { isInternal } from './internal-routes.ts';
import {
  internalRoute,
  notNow,
  reply,
  replyRaw,
  sandboxNotFound,
  tokenInvalid,
  tokenMissing,
  type ProxyError,
} from './replies.ts';
import { findSignedSandbox, sameText } from './signed-files.ts';
import { findTarget, type Target } from './target.ts';
import { forwardUpgrade } from './upgrade.ts';

export type Proxy = {
  /** Resolves to false for a request that is meant for the API. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void>;
};

export function createProxy(manager: SandboxManager, addressOf: (index: number) => string, domain: string): Proxy {
  async function reach(
    request: IncomingMessage,
    target: Target,
  ): Promise<{ sandbox: Sandbox; destination: Destination } | ProxyError> {
    const path = pathOf(request);
    if (target.envd && isInternal(path)) return internalRoute(path);
    // Probing a paused sandbox must not wake it.
    const wake = !(target.envd && path === '/health');
    const known = manager.find(target.sandboxId);
    // Whoever may not come in does not wake it either.
    const refusal = known && checkToken(request, target, known);
    if (refusal) return refusal;
    let sandbox: Sandbox | null;
    try {
      sandbox = await manager.reachable(target.sandboxId, wake);
    } catch (error) {
      // It is there and should be woken, but the machine has no room for it now.
      if (error instanceof CapacityError || error instanceof RateLimitError)
        return notNow(target.sandboxId, error.message);
      sandbox = null;
    }
    if (sandbox === null) return sandboxNotFound(target.sandboxId);
    return { sandbox, destination: destinationOf(sandbox.record, addressOf(sandbox.record.addressIndex), target) };
  }

  function checkToken(request: IncomingMessage, target: Target, { id, record }: Sandbox): ProxyError | null {
    if (record.trafficToken === undefined || target.envd) return null;
    const given = request.headers['e2b-traffic-access-token'];
    if (given === undefined || given === '') return tokenMissing(id);
    return typeof given === 'string' && sameText(given, record.trafficToken) ? null : tokenInvalid(id);
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
      if ('status' in reached) reply(request, response, reached);
      else forward(request, response, reached.sandbox, reached.destination);
      return true;
    },
    async upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const target = targetOf(request);
      const reached = target === null ? sandboxNotFound('') : await reach(request, target);
      if ('status' in reached) replyRaw(request, socket, reached);
      else forwardUpgrade(request, socket, head, reached.sandbox, reached.destination);
    },
  };
}

/** As the server in the sandbox reads it, also when the request line holds a whole URL. */
function pathOf(request: IncomingMessage): string {
  const text = request.url ?? '/';
  return URL.canParse(text, 'http://sandbox') ? new URL(text, 'http://sandbox').pathname : text;
}
