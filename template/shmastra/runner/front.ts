import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AGENT_MOUNT, type AgentRoute } from './agent-route.ts';
import { sendError, sendJson } from './answers.ts';
import { EventStream } from './events.ts';
import type { Gate } from './gate.ts';
import type { Health } from './health.ts';
import { forward, forwardUpgrade } from './proxy.ts';
import { hasToken } from './token.ts';

type FrontOptions = { health: Health; gate: Gate; agent: AgentRoute; token: () => string | undefined };

/** Longer than the proxies in front keep an idle connection, so that it is never closed under a request. */
const KEEP_ALIVE_MS = 75_000;

/** The HTTP server on the sandbox's port: health for everybody, all else for who has the token. */
export function createFront({ health, gate, agent, token }: FrontOptions): Server {
  const events = new EventStream(health);

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/health' && (request.method === 'GET' || request.method === 'HEAD')) {
      return sendJson(response, 200, health.report);
    }
    if (!hasToken(request, token())) return refuseToken(response, token());
    if (path === '/__shmastra/events' && request.method === 'GET') {
      if (!events.follow(response)) sendError(response, 503, 'too_many_followers', 'Too many streams are open.', 5);
      return;
    }
    if (path?.startsWith(AGENT_MOUNT)) return void agent.answer(request, response).catch(() => response.destroy());
    forward(request, response, { gate, health }).catch(() => response.destroy());
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, answer);
  server.on('upgrade', (request, socket, head) => {
    if (hasToken(request, token())) forwardUpgrade(request, socket, head, gate).catch(() => socket.destroy());
    else socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  server.on('close', () => events.close());
  return server;
}

function refuseToken(response: ServerResponse, token: string | undefined): void {
  if (token === undefined) sendError(response, 503, 'app_starting', 'The sandbox has no environment yet.', 1);
  else sendError(response, 401, 'unauthorized', 'The server token is missing or wrong.');
}
