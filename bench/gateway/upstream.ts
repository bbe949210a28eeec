import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * A provider that speaks chat completions and does nothing else: a small answer at once, or a stream of `x-frames` events
 * with `x-gap` milliseconds between them, both told in the model's name (`bench-<frames>-<gap>`).
 */
const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-5-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(600) }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 12,
    completion_tokens: 150,
    total_tokens: 162,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
});
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(ANSWER) };
const frame = (content: string) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-5-mini', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
const USAGE = `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 12, completion_tokens: 30, total_tokens: 42 } })}\n\n`;
const DONE = 'data: [DONE]\n\n';

/** All bytes of a stream of `frames` events. */
export function streamSize(frames: number): number {
  let size = Buffer.byteLength(USAGE) + Buffer.byteLength(DONE);
  for (let index = 0; index < frames; index++) size += Buffer.byteLength(frame(`word ${index} `));
  return size;
}

export async function startUpstream(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer({ keepAliveTimeout: 75_000 }, (req, res) => {
    let body = '';
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => (body += chunk));
    req.on('end', () => answer(req, res, body));
  });
  server.maxConnections = 10_000;
  await new Promise<void>((done) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, done));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, close };
}

function answer(_req: IncomingMessage, res: ServerResponse, body: string): void {
  const stream = /"bench-(\d+)-(\d+)"/.exec(body);
  if (!stream) {
    res.writeHead(200, HEADERS);
    res.end(ANSWER);
    return;
  }
  const [frames, gap] = [Number(stream[1]), Number(stream[2])];
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  let index = 0;
  const next = (): void => {
    if (res.destroyed) return;
    if (index === frames) {
      res.end(USAGE + DONE);
      return;
    }
    res.write(frame(`word ${index++} `));
    setTimeout(next, gap);
  };
  next();
}
