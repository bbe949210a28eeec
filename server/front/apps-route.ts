import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  appResponseHeaders,
  type AppSession,
  type AppsHost,
  appsOrigin,
  type AppsTarget,
  APPS_SECURITY_HEADERS,
  checkAppsRequest,
  readAppsPath,
} from '../../lib/apps/index.ts';
import { AppError, errorBody } from '../../lib/errors.ts';
import { classifyRequest, type RequestKind } from '../../lib/mastra-proxy/classify.ts';
import type { Refusal } from '../../lib/mastra-proxy/decide.ts';
import { APP_NOT_OPEN, NO_APP_HERE, sendAppsRefusal } from './apps-answers.ts';
import { enterApp } from './apps-enter-route.ts';
import { declaresTooMuch, limitBody, tooLarge, UPLOAD_LIMIT } from './body-limit.ts';
import { orUnavailable } from './caller.ts';
import type { FrontContext, RequestFacts } from './context.ts';
import { header, originFacts } from './mastra-route.ts';
import { readySandbox } from './ready-sandbox.ts';
import { sendRedirect } from './respond.ts';
import { forwardToSandbox } from './sandbox-forward.ts';
import { requestBody } from './upstream.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

type AppsRequest = {
  facts: RequestFacts;
  method: string;
  kind: RequestKind;
  target: AppsTarget;
  /** Name of the origin; null where there can be none. */
  label: string | null;
};

/** Everything below APPS_DOMAIN: apps that users build, each sandbox's on an origin of its own. */
export async function handleApps(
  context: FrontContext,
  facts: RequestFacts,
  { label }: AppsHost,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const method = req.method ?? 'GET';
  const kind = classifyRequest({ method, fetchMode: header(req, 'sec-fetch-mode'), accept: req.headers.accept });
  const request = { facts, method, kind, target: readAppsPath(facts.path), label };
  try {
    const refusal = await answer(context, request, req, res);
    if (refusal) sendAppsRefusal(res, refusal, kind, context.ownOrigin);
  } catch (error) {
    // A body that is refused half-way takes its connection with it, which the listener sees to.
    if (!(error instanceof AppError) || error.status === 413) throw error;
    if (error.status >= 500) context.log.warn({ requestId: facts.requestId, err: error }, 'an app was not reached');
    sendAppsRefusal(res, asRefusal(error), kind, context.ownOrigin);
  }
}

async function answer(
  context: FrontContext,
  request: AppsRequest,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Refusal | null> {
  const { label, target, method } = request;
  if (label === null || target.kind === 'nothing') return NO_APP_HERE;
  const own = appsOrigin({ publicUrl: context.ownOrigin, appsDomain: context.appsDomain }, label);
  const verdict = METHODS.has(method)
    ? checkAppsRequest(
        { ...originFacts(req), serviceWorker: header(req, 'service-worker'), purpose: header(req, 'sec-purpose') },
        target.kind,
        own,
      )
    : { ok: false as const, message: 'This method is not supported.' };
  if (!verdict.ok) return refused(verdict.message);
  if (target.kind === 'enter') return enterApp(context, request.facts, label, req, res);
  const session = await orUnavailable(context.services.apps.verify(req.headers.cookie, label));
  if (session === null) return APP_NOT_OPEN;
  if (target.kind === 'bare_app') {
    sendRedirect(res, `${target.location}${request.facts.query}`, APPS_SECURITY_HEADERS);
    return null;
  }
  if (declaresTooMuch(req, UPLOAD_LIMIT)) throw tooLarge();
  const leave = context.limit.enter(session.userId);
  try {
    return await forward(context, request, { session, label }, req, res);
  } finally {
    leave();
  }
}

async function forward(
  context: FrontContext,
  { facts, method, kind }: AppsRequest,
  { session, label }: { session: AppSession; label: string },
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Refusal | null> {
  const sandbox = await readySandbox(context, session.userId, kind);
  if ('action' in sandbox) return sandbox;
  // A row made anew has another origin.
  if (sandbox.id !== session.sandbox) return APP_NOT_OPEN;
  const body = requestBody(req);
  if ((method === 'GET' || method === 'HEAD') && body !== null) return refused('A GET request has no body.', 400);
  return forwardToSandbox(
    context,
    sandbox,
    {
      method,
      path: `${facts.path}${facts.query}`,
      kind,
      requestId: facts.requestId,
      headers: req.headers,
      body: body === null ? null : limitBody(req, UPLOAD_LIMIT),
      answerHeaders: (headers) => appResponseHeaders(headers, facts.requestId),
      access: async () => (await context.services.apps.verify(req.headers.cookie, label))?.userId === session.userId,
    },
    res,
  );
}

function refused(message: string, httpStatus = 403): Refusal {
  return { action: 'refuse', httpStatus, code: 'request_refused', message };
}

function asRefusal(error: AppError): Refusal {
  const { code, message, next } = errorBody(error).error;
  const retry = error.retryAfterSeconds;
  return {
    ...{ action: 'refuse', httpStatus: error.status, code, message },
    ...(next === undefined ? {} : { next }),
    ...(retry === undefined ? {} : { retryAfterSeconds: retry }),
  };
}
