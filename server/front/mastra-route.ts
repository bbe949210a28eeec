import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ForbiddenError, InvalidInputError } from '../../lib/errors.ts';
import { classifyRequest, type RequestKind } from '../../lib/mastra-proxy/classify.ts';
import { NOT_SIGNED_IN, type Refusal } from '../../lib/mastra-proxy/decide.ts';
import { checkOrigin } from '../../lib/mastra-proxy/origin.ts';
import { browserResponseHeaders } from '../../lib/mastra-proxy/response-headers.ts';
import { MASTRA_MOUNT } from '../../lib/mastra-proxy/target.ts';
import { declaresTooMuch, limitBody, tooLarge, UPLOAD_LIMIT } from './body-limit.ts';
import { identifyCaller, isStill } from './caller.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { sendPage } from './page.ts';
import { readySandbox } from './ready-sandbox.ts';
import { sendRefusal } from './respond.ts';
import { forwardToSandbox, type Forwarding } from './sandbox-forward.ts';
import { requestBody } from './upstream.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** `/api/mastra/*`: the caller's own sandbox, by the rules for studio requests and for sleep. */
export async function handleMastra(
  context: FrontContext,
  facts: RequestFacts & { sandboxPath: string },
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const method = req.method ?? 'GET';
  checkRequest(context, req, method);
  const caller = await identifyCaller(context.services, req);
  if (caller.state !== 'member') return sendRefusal(res, NOT_SIGNED_IN);
  const leave = context.limit.enter(caller.userId);
  try {
    await forward(context, facts, caller.userId, req, res);
  } finally {
    leave();
  }
}

async function forward(
  context: FrontContext,
  facts: RequestFacts & { sandboxPath: string },
  userId: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const method = req.method ?? 'GET';
  const kind = classifyRequest({ method, fetchMode: header(req, 'sec-fetch-mode'), accept: req.headers.accept });
  const ready = await readySandbox(context, userId, kind);
  if ('action' in ready) return answerRefusal(res, ready, kind);
  const body = requestBody(req);
  const forwarding: Forwarding = {
    method,
    path: `${facts.sandboxPath}${facts.query}`,
    kind,
    requestId: facts.requestId,
    headers: req.headers,
    body: body === null ? null : limitBody(req, UPLOAD_LIMIT),
    answerHeaders: (headers) =>
      browserResponseHeaders(headers, { requestId: facts.requestId, mountPath: MASTRA_MOUNT }),
    access: () => isStill(context.services, req.headers.cookie, userId),
  };
  const refusal = await forwardToSandbox(context, ready, forwarding, res);
  if (refusal) answerRefusal(res, refusal, kind);
}

function checkRequest(context: FrontContext, req: IncomingMessage, method: string): void {
  if (!METHODS.has(method)) {
    throw new AppError('method_not_allowed', 'This method is not supported.', { status: 405 });
  }
  const origin = checkOrigin(originFacts(req), context.ownOrigin);
  if (!origin.ok) throw new ForbiddenError('origin_refused', origin.message);
  if (declaresTooMuch(req, UPLOAD_LIMIT)) throw tooLarge();
  if ((method === 'GET' || method === 'HEAD') && requestBody(req) !== null) {
    throw new InvalidInputError('body_not_allowed', 'A GET request has no body.');
  }
}

/** JSON for scripts; for a person who opened the address in a tab, a page that tries again by itself. */
export function answerRefusal(res: ServerResponse, refusal: Refusal, kind: RequestKind): void {
  if (kind !== 'navigation' || refusal.retryAfterSeconds === undefined) return sendRefusal(res, refusal);
  sendPage(res, {
    status: refusal.httpStatus,
    title: refusal.message,
    text: 'This page reloads by itself.',
    reloadSeconds: refusal.retryAfterSeconds,
    link: { href: '/workspace', label: 'Open workspace' },
  });
}

export function originFacts(req: IncomingMessage, upgrade = false) {
  return {
    method: req.method ?? 'GET',
    upgrade,
    origin: req.headers.origin,
    fetchSite: header(req, 'sec-fetch-site'),
    fetchMode: header(req, 'sec-fetch-mode'),
    fetchDest: header(req, 'sec-fetch-dest'),
  };
}

export function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}
