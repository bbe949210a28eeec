import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { answerAnthropic } from './anthropic.ts';
import { type DoubleCall, type Exchange, sendJson } from './answering.ts';
import { answerComposio } from './composio.ts';
import { answerGoogle } from './google.ts';
import { answerOpenai } from './openai.ts';

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

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(text, 'latin1').toString()) as Record<string, unknown>;
  } catch {
    return { model: /name="model"\r\n\r\n([^\r]*)/.exec(text)?.[1] };
  }
}
