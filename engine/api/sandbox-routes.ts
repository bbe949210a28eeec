import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SandboxManager } from '../sandboxes/manager.ts';
import { BadRequestError } from './errors.ts';
import { readJson, sendEmpty, sendJson } from './http.ts';
import { networkUpdateBody } from './network-schema.ts';
import { parseListQuery, selectPage } from './list-query.ts';
import { listedSandboxBody, sandboxBody, sandboxDetailBody } from './representation.ts';
import { connectBody, createBody, pauseBody, refreshBody, timeoutBody, type ApiVersion } from './schemas.ts';

type Call = { request: IncomingMessage; response: ServerResponse; url: URL; id: string; version: ApiVersion };
type Handler = (call: Call) => Promise<void>;

/** E2B's first SDKs named a sandbox `<id>-<clientID>`: the second part says nothing here. */
const PATH = /^(?:\/(v2))?\/sandboxes(?:\/([^/]+)(?:\/([a-z]+))?)?\/?$/;
const ID = /^([a-z0-9]+)(?:-.*)?$/;

/** The calls under /sandboxes and /v2/sandboxes. Resolves to false for a path that is not one of them. */
export function createSandboxRoutes(manager: SandboxManager, domain: (request: IncomingMessage) => string) {
  const calls: Record<string, Handler> = {
    async 'POST '({ request, response, version }) {
      const sandbox = await manager.create(await readJson(request, createBody(version)));
      sendJson(response, 201, sandboxBody(sandbox.record, domain(request)));
    },
    async 'GET '({ response, url, version }) {
      const present = manager.all().filter((sandbox) => !sandbox.removed);
      const records = present.map((sandbox) => sandbox.record);
      const query = parseListQuery(url.searchParams);
      // The first version of the call knows running sandboxes only and has no pages.
      const { page, nextToken, running } = selectPage(
        version === 'v1' ? records.filter((record) => record.state === 'running') : records,
        query,
      );
      sendJson(response, 200, page.map(listedSandboxBody), {
        ...(running === null ? {} : { 'x-total-running': String(running) }),
        ...(nextToken === null ? {} : { 'x-next-token': nextToken }),
      });
    },
    async 'GET /id'({ request, response, id }) {
      sendJson(response, 200, sandboxDetailBody(manager.get(id).record, domain(request)));
    },
    async 'DELETE /id'({ response, id }) {
      await manager.kill(id);
      sendEmpty(response, 204);
    },
    async 'POST /id/connect'({ request, response, id, version }) {
      const body = await readJson(request, connectBody(version));
      const { sandbox, resumed } = await manager.connect(id, body.timeout, body.memory ?? undefined);
      sendJson(response, resumed ? 201 : 200, sandboxBody(sandbox.record, domain(request)));
    },
    async 'POST /id/resume'({ request, response, id, version }) {
      const body = await readJson(request, connectBody(version));
      const sandbox = await manager.resume(id, body.timeout, body.memory ?? undefined);
      sendJson(response, 201, sandboxBody(sandbox.record, domain(request)));
    },
    async 'POST /id/pause'({ request, response, id }) {
      const body = await readJson(request, pauseBody);
      await manager.pause(id, body.memory !== false);
      sendEmpty(response, 204);
    },
    async 'PUT /id/network'({ request, response, id }) {
      const { allowInternetAccess, egress } = await readJson(request, networkUpdateBody);
      await manager.updateNetwork(id, allowInternetAccess, egress);
      sendEmpty(response, 204);
    },
    async 'POST /id/timeout'({ request, response, id }) {
      const body = await readJson(request, timeoutBody);
      await manager.setTimeout(id, body.timeout);
      sendEmpty(response, 204);
    },
    async 'POST /id/refreshes'({ request, response, id }) {
      const body = await readJson(request, refreshBody);
      await manager.extend(id, body.duration);
      sendEmpty(response, 204);
    },
  };

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    const match = PATH.exec(url.pathname);
    if (match === null) return false;
    const [, v2, text, verb] = match;
    const handler = calls[`${request.method} ${text ? '/id' : ''}${verb ? `/${verb}` : ''}`];
    if (handler === undefined) return false;
    const id = text && ID.exec(text)?.[1];
    if (text !== undefined && id === undefined) throw new BadRequestError('Invalid sandbox ID');
    await handler({ request, response, url, id: id ?? '', version: v2 ? 'v2' : 'v1' });
    return true;
  };
}
