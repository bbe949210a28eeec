import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reply, StreamEvent } from '../protocol.ts';

export type Pace = {
  /** Between two pieces of an answer, in milliseconds. */
  delayMs: number;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
};

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Sends a reply, no faster than the client reads it. @throws AbortError when the client leaves */
export async function sendReply(response: ServerResponse, reply: Reply, pace: Pace): Promise<void> {
  switch (reply.type) {
    case 'json':
      return sendJson(response, 200, reply.body);
    case 'events':
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
      await sendAll(response, reply.events, pace, (event) => frame(event, reply.lineEnd ?? '\n'));
      response.end();
      return;
    case 'array':
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      await sendAll(response, reply.events, pace, ({ data }, index) => `${index === 0 ? '[' : ',\r\n'}${json(data)}`);
      response.end(']');
  }
}

async function sendAll(
  response: ServerResponse,
  events: Iterable<StreamEvent>,
  { delayMs, signal }: Pace,
  encode: (event: StreamEvent, index: number) => string,
): Promise<void> {
  let index = 0;
  for (const event of events) {
    if (event.delta && delayMs > 0) await delay(delayMs, undefined, { signal });
    signal.throwIfAborted();
    if (!response.write(encode(event, index++))) await once(response, 'drain', { signal });
  }
}

function frame({ event, data }: StreamEvent, lineEnd: string): string {
  const name = event === undefined ? '' : `event: ${event}${lineEnd}`;
  return `${name}data: ${json(data)}${lineEnd}${lineEnd}`;
}

const json = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data));
