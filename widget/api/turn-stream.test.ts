import { expect, test, vi } from 'vitest';
import type { UIMessageChunk } from 'ai';
import { backoff } from './backoff.ts';
import { mergeDeltas } from './merge-deltas.ts';
import { turnStream, type StreamConnection } from './turn-stream.ts';

const delta = (text: string): UIMessageChunk => ({ type: 'text-delta', id: '1', delta: text });

/** A server that answers each connection with the next of these bodies; one that does not end in [DONE] is cut. */
function server(...answers: (string | { status: number; body?: unknown })[]) {
  const urls: string[] = [];
  const fetch = async (url: string): Promise<Response> => {
    urls.push(url);
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError('no connection');
    if (typeof answer !== 'string') return Response.json(answer.body ?? null, { status: answer.status });
    return new Response(answer, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch, urls };
}

const event = (id: number, chunk: UIMessageChunk): string => `id: ${id}\ndata: ${JSON.stringify(chunk)}\n\n`;
const DONE = 'data: [DONE]\n\n';

async function collect(fetch: ReturnType<typeof server>['fetch'], signal = new AbortController().signal) {
  const connections: StreamConnection[] = [];
  const stream = turnStream({
    fetch,
    url: '/stream',
    signal,
    hurry: () => () => undefined,
    onConnection: (connection) => connections.push(connection),
    wait: () => 1,
  });
  const chunks: UIMessageChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join('');
  return { text, chunks, connections };
}

test('goes on after a lost connection behind what it has seen, without saying it twice', async () => {
  const { fetch, urls } = server(
    event(1, delta('a')) + event(2, delta('b')),
    // A server that replays too much.
    event(1, delta('a')) + event(2, delta('b')) + event(3, delta('c')),
    `: still here\n\n${event(4, delta('d'))}${DONE}`,
  );
  const { text, connections } = await collect(fetch);
  expect(text).toBe('abcd');
  expect(urls).toEqual(['/stream?after=0', '/stream?after=2', '/stream?after=3']);
  expect(connections).toEqual(['live', 'reconnecting', 'live', 'reconnecting', 'live']);
});

test('waits while the workspace is away', async () => {
  const { fetch } = server({ status: 503 }, event(1, delta('a')) + DONE);
  expect((await collect(fetch)).text).toBe('a');
});

test('ends with the reason when trying again cannot help', async () => {
  await expect(collect(server({ status: 401 }).fetch)).rejects.toMatchObject({ kind: 'signed_out' });
  const gone = { status: 404, body: { error: { code: 'not_found', message: 'There is no such turn.' } } };
  await expect(collect(server(gone).fetch)).rejects.toMatchObject({ code: 'not_found' });
});

test('closes when it is no longer wanted', async () => {
  const controller = new AbortController();
  const { fetch, urls } = server();
  const collected = collect(fetch, controller.signal);
  await vi.waitFor(() => expect(urls.length).toBeGreaterThan(1));
  controller.abort();
  expect((await collected).text).toBe('');
});

test('passes over what is no chunk', async () => {
  const { fetch } = server(`id: 1\ndata: {broken\n\nid: 2\ndata: 7\n\n${event(3, delta('a'))}${DONE}`);
  expect((await collect(fetch)).chunks).toEqual([delta('a')]);
});

test('joins neighbouring deltas of one text only', () => {
  const other: UIMessageChunk = { type: 'text-delta', id: '2', delta: 'x' };
  expect(mergeDeltas([delta('a'), delta('b'), other, delta('c')])).toEqual([delta('ab'), other, delta('c')]);
});

test('waits longer after each failure, up to half a minute', () => {
  expect([backoff(1, 1), backoff(3, 0), backoff(50, 1)]).toEqual([500, 1000, 30_000]);
});
