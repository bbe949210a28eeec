import type { IncomingMessage, ServerResponse } from 'node:http';
import { NOT_SIGNED_IN } from '../../lib/mastra-proxy/decide.ts';
import { identifyCaller } from './caller.ts';
import { createConcurrencyLimit } from './concurrency.ts';
import type { FrontContext } from './context.ts';
import { sendJson, sendRefusal } from './respond.ts';

/** A comment that often keeps proxies from closing the stream and tells the page that it is alive. Milliseconds. */
const HEARTBEAT_MS = 15_000;
/** Status streams of one person at the same time: many tabs, not a leak. */
const STREAMS_PER_USER = 20;

export type WorkspaceInfo = {
  /** True when the default model answers from scripts. */
  demo: boolean;
  /** What stands behind each provider. */
  providers: Record<string, 'live' | 'demo' | 'none'>;
};

/**
 * `GET /api/workspace/info`: what Studio's companion shows about the installation, and whether the caller is an admin,
 * for the chat's menu; no secrets, no session needed.
 */
export async function handleInfo(
  context: Pick<FrontContext, 'services'>,
  info: WorkspaceInfo,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  // A database that is away costs an entry of a menu, not the answer.
  const session = await context.services.verifySession(req.headers.cookie).catch(() => null);
  sendJson(res, 200, { ...info, admin: session?.role === 'admin' });
}

/** `GET /api/workspace/status`: SSE of the caller's sandbox status. */
export function createStatusRoute(context: FrontContext, heartbeatMs = HEARTBEAT_MS) {
  const limit = createConcurrencyLimit(STREAMS_PER_USER, 'status streams');
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const caller = await identifyCaller(context.services, req);
    if (caller.state !== 'member') return sendRefusal(res, NOT_SIGNED_IN);
    const { userId } = caller;
    const leave = limit.enter(userId);
    try {
      await streamStatus(context, { userId, cookie: req.headers.cookie, heartbeatMs }, res);
    } finally {
      leave();
    }
  };
}

async function streamStatus(
  context: FrontContext,
  stream: { userId: string; cookie: string | undefined; heartbeatMs: number },
  res: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  res.on('close', () => abort.abort());
  if (res.destroyed) return;
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  res.flushHeaders();
  const heartbeat = setInterval(() => {
    res.write(': heartbeat\n\n');
    // Who lost access meanwhile reads no further.
    void stillMember(context, stream).then((member) => (member ? undefined : abort.abort()));
  }, stream.heartbeatMs);
  try {
    for await (const view of context.services.watchStatus(stream.userId, abort.signal)) {
      res.write(`data: ${JSON.stringify(view)}\n\n`);
      // A reader that does not read: let it come back rather than pile up.
      if (res.writableLength > 256 * 1024) break;
    }
  } catch (error) {
    if (!abort.signal.aborted) context.log.warn({ err: error }, 'the status stream ended');
  } finally {
    clearInterval(heartbeat);
    res.end();
  }
}

async function stillMember(context: FrontContext, stream: { userId: string; cookie: string | undefined }) {
  try {
    const session = await context.services.verifySession(stream.cookie);
    return session?.userId === stream.userId;
  } catch {
    return true; // a database that is away for a minute ends no stream
  }
}
