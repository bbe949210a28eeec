import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { EngineError, errorBody, NotFoundError } from '../api/errors.ts';
import { readJson, sendEmpty, sendError, sendJson } from '../api/http.ts';
import type { PruneItem } from '../prune/plan.ts';
import { PruneRequest } from '../prune/request.ts';
import type { SandboxManager } from '../sandboxes/manager.ts';
import { printable, sandboxDetail, sandboxFacts } from './facts.ts';
import { type ImageFacts, type PullProgress, PullRequest, RemoveRequest } from './images.ts';
import type { EngineStatus } from './status.ts';

export type AdminParts = {
  manager: SandboxManager;
  sources: Parameters<typeof sandboxDetail>[1];
  status(): Promise<EngineStatus>;
  metrics(): Promise<{ type: string; text: string }>;
  prune(request: PruneRequest): Promise<PruneItem[]>;
  images: {
    list(): Promise<ImageFacts[]>;
    pull(request: PullRequest, onLine: (line: string) => void): Promise<string>;
    remove(layer: string): Promise<void>;
  };
  log: Logger;
};

type Handler = (request: IncomingMessage, response: ServerResponse, id: string) => Promise<void>;

/** How long a sandbox that a person resumes lives on, in seconds. */
const RESUME_SECONDS = 3600;

/** What the command line tool asks a running engine. It listens on a socket that only root can open: see socket.ts. */
export function createAdminServer(parts: AdminParts): Server {
  const { manager, sources, log } = parts;
  const calls: Record<string, Handler> = {
    async 'GET /status'(_request, response) {
      sendJson(response, 200, await parts.status());
    },
    async 'GET /metrics'(_request, response) {
      const { type, text } = await parts.metrics();
      response.writeHead(200, { 'content-type': type }).end(text);
    },
    async 'GET /sandboxes'(_request, response) {
      const facts = manager.all().map((sandbox) => sandboxFacts(sandbox.record, sources));
      sendJson(response, 200, await Promise.all(facts));
    },
    async 'GET /sandboxes/id'(_request, response, id) {
      sendJson(response, 200, await sandboxDetail(manager.get(id).record, sources));
    },
    async 'POST /sandboxes/id/pause'(_request, response, id) {
      await manager.pause(id);
      sendEmpty(response, 204);
    },
    async 'POST /sandboxes/id/resume'(_request, response, id) {
      await manager.resume(id, RESUME_SECONDS);
      sendEmpty(response, 204);
    },
    async 'POST /sandboxes/id/kill'(_request, response, id) {
      await manager.kill(id);
      sendEmpty(response, 204);
    },
    async 'GET /images'(_request, response) {
      sendJson(response, 200, await parts.images.list());
    },
    async 'POST /images/pull'(request, response) {
      const body = await readJson(request, PullRequest);
      const say = (line: PullProgress) => void response.write(`${JSON.stringify(line)}\n`);
      // The status is told before the outcome is known, hence the last line tells that.
      try {
        const done = await parts.images.pull(body, (line) => say({ line: printable(line) }));
        say({ done });
      } catch (error) {
        say({ error: printable(errorBody(error).message, 1000) });
      }
      response.end();
    },
    async 'POST /images/remove'(request, response) {
      await parts.images.remove((await readJson(request, RemoveRequest)).layer);
      sendEmpty(response, 204);
    },
    async 'POST /prune'(request, response) {
      sendJson(response, 200, await parts.prune(await readJson(request, PruneRequest)));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://engine');
    const [, id] = /^\/sandboxes\/([a-z0-9]+)/.exec(pathname) ?? [];
    const handler = calls[`${request.method} ${id === undefined ? pathname : pathname.replace(id, 'id')}`];
    if (handler === undefined) throw new NotFoundError(`no such call: ${request.method} ${pathname}`);
    await handler(request, response, id ?? '');
  }

  return createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!(error instanceof EngineError))
        log.error({ path: request.url, err: error }, 'call of the command line failed');
      sendError(response, error);
    });
  });
}
