import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerAnthropic } from './anthropic.ts';
import { answerComposio } from './composio.ts';
import { answerGoogle } from './google.ts';
import { answerOpenai } from './openai.ts';

export type DoubleCall = {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  /** The whole body as text, one character per byte. */
  body: string;
  /** The caller of the double closed the connection before the answer was whole. */
  cut: boolean;
};

export type Exchange = { call: DoubleCall; body: Record<string, unknown>; res: ServerResponse };

export type ProviderDouble = { url: string; calls: DoubleCall[]; close(): Promise<void> };

/**
 * All four providers on one port, below `/openai/v1`, `/anthropic/v1`, `/google/v1beta` and `/composio/api/v3`. They speak
 * the real protocols with fixed ids and times, so that two answers to one request are equal byte for byte.
 * A model's name can ask for more: `error-<status>`, `flaky` (503 at the first call), `slow` (a word every 20 ms),
 * `truncated` (breaks off in the middle).
 */
export async function startProviderDouble(): Promise<ProviderDouble> {
  const calls: DoubleCall[] = [];
  const sockets = new Set<Socket>();
  let flaky = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      const call = { method, url, headers, body: Buffer.concat(chunks).toString('latin1'), cut: false };
      calls.push(call);
      res.on('close', () => (call.cut = !res.writableFinished));
      const body = parsed(call.body);
      const model = `${String(body['model'] ?? '')}${url}`;
      const status = Number(
        /error-(\d{3})/.exec(model)?.[1] ?? (model.includes('flaky') && flaky++ % 2 === 0 ? 503 : 0),
      );
      void dispatch({ call, body, res }, status);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function dispatch(exchange: Exchange, status: number): void | Promise<void> {
  const [, provider = ''] = exchange.call.url.split('/');
  const answer = { openai: answerOpenai, anthropic: answerAnthropic, google: answerGoogle, composio: answerComposio }[
    provider
  ];
  if (!answer) return sendJson(exchange.res, 404, { error: { message: 'no such provider' } });
  return answer(exchange, status);
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

/** Sends events, slowly or only half of them when the model's name asks for it. */
export async function sendEvents(exchange: Exchange, events: readonly string[]): Promise<void> {
  const { res, body, call } = exchange;
  const model = `${String(body['model'] ?? '')}${call.url}`;
  const list = model.includes('truncated') ? events.slice(0, events.length / 2) : events;
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of list) {
    if (res.destroyed) return;
    await new Promise<void>((done) => void res.write(event, () => done()));
    if (model.includes('slow')) await new Promise((done) => setTimeout(done, 20));
  }
  if (list.length < events.length) res.destroy();
  else res.end();
}

/** The tool that an answer calls: the first that is offered, as long as no result of one was sent. */
export function toolToCall(body: Record<string, unknown>): string | null {
  const text = JSON.stringify(body);
  if (/"role":"tool"|"tool_result"|function_call_output|functionResponse/.test(text)) return null;
  return /"name":"([A-Za-z_]\w*)"/.exec(JSON.stringify(body['tools'] ?? []))?.[1] ?? null;
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(text, 'latin1').toString()) as Record<string, unknown>;
  } catch {
    return { model: /name="model"\r\n\r\n([^\r]*)/.exec(text)?.[1] };
  }
}
