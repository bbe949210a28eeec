import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Gateway } from '../../lib/gateway/gateway.ts';
import type { RequestFacts } from './context.ts';
import { requestBody } from './upstream.ts';

/** `/api/gateway/*`: Node's request and response as the Request and Response of the gateway's core. */
export async function handleGateway(
  gateway: Gateway,
  facts: RequestFacts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  const onClose = (): void => abort.abort(new Error('The client closed the connection.'));
  res.on('close', onClose);
  try {
    const answer = await gateway(toRequest(facts, req), { signal: abort.signal, requestId: facts.requestId });
    await sendResponse(answer, res);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    res.off('close', onClose);
  }
}

function toRequest(facts: RequestFacts, req: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  const method = req.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && requestBody(req) !== null;
  // The host is not looked at; a URL needs one.
  return new Request(`http://gateway${facts.path}${facts.query}`, {
    method,
    headers,
    ...(hasBody ? { body: byteStream(req), duplex: 'half' } : {}),
  });
}

function byteStream(req: IncomingMessage): ReadableStream<Uint8Array> {
  return Readable.toWeb(req, { strategy: { highWaterMark: 0 } }) as unknown as ReadableStream<Uint8Array>;
}

async function sendResponse(answer: Response, res: ServerResponse): Promise<void> {
  res.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    res.end();
    return;
  }
  res.flushHeaders();
  const reader = answer.body.getReader();
  // An upstream that breaks off rejects here; the listener then cuts the connection, so that the caller can tell.
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!res.write(value)) await drained(res);
      if (res.destroyed) return;
    }
    res.end();
  } finally {
    if (res.destroyed) await reader.cancel().catch(() => {});
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
}
