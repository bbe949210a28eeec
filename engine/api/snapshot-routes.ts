import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxManager } from '../sandboxes/manager.ts';
import { errorBody } from './errors.ts';
import { readJson, sendJson } from './http.ts';
import { sandboxBody } from './representation.ts';
import { forkBody } from './schemas.ts';

const FORK = /^\/sandboxes\/([a-z0-9]+)\/fork\/?$/;

/** The calls that copy sandboxes. Resolves to false for a path that is not one of them. */
export function createSnapshotRoutes(manager: SandboxManager, domain: () => string) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    const id = request.method === 'POST' ? FORK.exec(url.pathname)?.[1] : undefined;
    if (id === undefined) return false;
    const { timeout, count } = await readJson(request, forkBody);
    const results = await manager.fork(id, { timeoutSeconds: timeout, count });
    const bodies = results.map((result) =>
      'sandbox' in result
        ? { sandbox: sandboxBody(result.sandbox.record, domain()) }
        : { error: errorBody(result.error) },
    );
    sendJson(response, 201, bodies);
    return true;
  };
}
