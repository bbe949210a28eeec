import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { RequestKind } from '../../lib/mastra-proxy/classify.ts';
import { asleep, decideForSandbox, waking, type Refusal } from '../../lib/mastra-proxy/decide.ts';
import { type HeaderBag, sandboxRequestHeaders } from '../../lib/mastra-proxy/request-headers.ts';
import { isEventStream } from '../../lib/mastra-proxy/response-headers.ts';
import { ENGINE_ANSWER_LIMIT, mayBeEngineAnswer, readEngineAnswer } from '../../lib/mastra-proxy/upstream-answer.ts';
import { orUnavailable } from './caller.ts';
import type { FrontContext } from './context.ts';
import { forwardingError, isConnectionReset, serverNotListening } from './forwarding-errors.ts';
import { watchStream, type OpenStream } from './open-streams.ts';
import type { FrontSandbox } from './services.ts';
import { forwardUpstream, type UpstreamEnd } from './upstream.ts';

export type Forwarding = {
  method: string;
  /** Path and query in the sandbox. */
  path: string;
  kind: RequestKind;
  requestId: string;
  headers: HeaderBag;
  body: Readable | null;
  /** Headers of the sandbox's answer for the browser. */
  answerHeaders: (headers: HeaderBag) => Record<string, string | string[]>;
  /** Whether who asked may still read on. */
  access: () => Promise<boolean>;
};

/** Streams one request to a sandbox that should be running. Returns a refusal when nothing was answered yet. */
export async function forwardToSandbox(
  context: FrontContext,
  sandbox: FrontSandbox,
  forwarding: Forwarding,
  res: ServerResponse,
): Promise<Refusal | null> {
  let target = sandbox;
  // Only a request without a body is tried a second time: what a sandbox may have received is never sent again.
  for (let attempt = 1; ; attempt++) {
    const end = await forwardOnce(context, target, forwarding, res);
    if (end.end === 'complete') context.liveness.seen(target);
    if (end.end === 'complete' || end.end === 'client_gone') return null;
    if (end.end === 'truncated') {
      context.log.warn(
        { requestId: forwarding.requestId, sandboxId: target.sandbox_id },
        'sandbox broke off its answer',
      );
      return null;
    }
    const repeatable = attempt === 1 && forwarding.body === null && forwarding.kind !== 'write';
    if (end.end === 'failed') {
      if (repeatable && isConnectionReset(end.error)) continue;
      throw forwardingError(end.error);
    }
    const verdict = readEngineAnswer(end.body.toString('utf8'), target.sandbox_id ?? '');
    if (verdict === null) {
      relay(res, end, forwarding);
      return null;
    }
    if (verdict === 'port_closed') return serverNotListening();
    if (verdict === 'broken_off') throw forwardingError(new Error('The server in the sandbox hung up.'));
    const stopped = await afterStop(context, target, forwarding.kind);
    if ('action' in stopped) return stopped;
    if (!repeatable) return waking(1);
    target = stopped;
  }
}

/** The engine does not run the sandbox: says so to the database, and wakes it when a person asks. */
async function afterStop(context: FrontContext, sandbox: FrontSandbox, kind: RequestKind) {
  await orUnavailable(context.services.observeStopped(sandbox));
  const seen = await orUnavailable(context.services.findSandbox(sandbox.user_id, { fresh: true }));
  const decision = decideForSandbox(seen, kind);
  if (decision.action === 'refuse') return decision;
  if (kind === 'background') return asleep();
  if (decision.action === 'forward' || !seen) return waking(1);
  const result = await context.services.wake(seen);
  if (result !== 'ready') return waking(result.retryAfterSeconds);
  return (await orUnavailable(context.services.findSandbox(sandbox.user_id, { fresh: true }))) ?? waking(1);
}

async function forwardOnce(
  context: FrontContext,
  sandbox: FrontSandbox,
  forwarding: Forwarding,
  res: ServerResponse,
): Promise<UpstreamEnd> {
  const { origin, host } = context.upstream(sandbox.sandbox_id ?? '');
  const { requestId, kind } = forwarding;
  let stream: OpenStream | null = null;
  const watch = (): void => {
    stream ??= watchStream(context.services, {
      sandbox,
      access: forwarding.access,
      extends: kind === 'write',
      cut: () => res.destroy(),
    });
  };
  if (kind === 'write') watch();
  try {
    return await forwardUpstream(
      {
        dispatcher: context.sandboxes,
        origin,
        path: forwarding.path,
        method: forwarding.method,
        headers: sandboxRequestHeaders(forwarding.headers, {
          host,
          serverToken: context.services.serverToken(sandbox),
          requestId,
        }),
        body: forwarding.body,
        answerHeaders: (_status, headers) => {
          if (isEventStream(single(headers['content-type']))) watch();
          return forwarding.answerHeaders(headers);
        },
        holdBack: { when: mayBeEngineAnswer, limit: ENGINE_ANSWER_LIMIT },
        onChunk: () => stream?.touch(),
      },
      res,
    );
  } finally {
    (stream as OpenStream | null)?.close();
  }
}

function relay(res: ServerResponse, held: UpstreamEnd & { end: 'held' }, forwarding: Forwarding): void {
  const headers = forwarding.answerHeaders(held.headers);
  res.writeHead(held.status, { ...headers, 'content-length': String(held.body.length) });
  res.end(held.body);
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}
