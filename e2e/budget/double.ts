import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What the double of the provider did for one request, by the request's id. */
export type ServedCall = {
  requestBytes: number;
  maxTokens: number;
  inputTokens: number;
  /** Made until the end, or until the connection broke. */
  outputTokens: number;
  /** The whole answer left with its usage. */
  finished: boolean;
};

export type Double = {
  url: string;
  calls: Map<string, ServedCall>;
  close(): Promise<void>;
};

const requestSchema = z.object({
  stream: z.boolean().optional(),
  max_tokens: z.number(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
});
const PIECES = 8;
/** One call in so many costs more than what reservations assume: a token for each byte, and all of the output. */
const DENSE_EVERY = 20;

/** Speaks OpenAI's chat completions over real HTTP and keeps books of its own. */
export async function startDouble(): Promise<Double> {
  const calls = new Map<string, ServedCall>();
  const server = createServer((req, res) => {
    serve(calls, req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('The double has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(calls: Map<string, ServedCall>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const parsed: unknown = JSON.parse(body.toString());
  const { stream = false, max_tokens: maxTokens } = requestSchema.parse(parsed);
  // As the caller sent it: the gateway asks for the usage of streams by a field of its own.
  const requestBytes = JSON.stringify({ ...(parsed as object), stream_options: undefined }).length;
  const id = String(req.headers['x-request-id']);
  if (calls.has(id)) throw new Error('two requests under one id');
  const dense = calls.size % DENSE_EVERY === 0;
  const inputTokens = Math.ceil(body.length / (dense ? 1 : 4));
  const output = dense ? maxTokens : 1 + Math.floor(Math.random() * maxTokens);
  const call: ServedCall = { requestBytes, maxTokens, inputTokens, outputTokens: 0, finished: false };
  calls.set(id, call);
  const usage = () => ({
    prompt_tokens: inputTokens,
    completion_tokens: call.outputTokens,
    total_tokens: inputTokens + call.outputTokens,
  });
  if (!stream) {
    await sleep(100 + Math.random() * 400);
    call.outputTokens = output;
    const choice = { index: 0, message: { role: 'assistant', content: 'Done.' }, finish_reason: 'stop' };
    const answer = { id, object: 'chat.completion', model: 'gpt-5-mini', choices: [choice], usage: usage() };
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(answer));
    await once(res, 'close');
    call.finished = res.writableFinished;
    return;
  }
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (choices: object[], used: object | null) =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model: 'gpt-5-mini', choices, usage: used })}\n\n`;
  for (let piece = 1; piece <= PIECES; piece += 1) {
    await sleep(20 + Math.random() * 100);
    if (res.destroyed) return;
    call.outputTokens = Math.ceil((output * piece) / PIECES);
    res.write(event([{ index: 0, delta: { content: `${piece} ` }, finish_reason: null }], null));
  }
  res.write(event([{ index: 0, delta: {}, finish_reason: 'stop' }], null));
  res.write(event([], usage()));
  res.end('data: [DONE]\n\n');
  await once(res, 'close');
  call.finished = res.writableFinished;
}
