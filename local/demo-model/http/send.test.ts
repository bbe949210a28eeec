import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { StreamEvent } from '../protocol.ts';
import { sendReply } from './send.ts';

const server = createServer();
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

let made = 0;
function* endless(): Generator<StreamEvent> {
  for (;;) yield { data: `${++made} ${'x'.repeat(1000)}`, delta: true };
}

const turnsOfTheEventLoop = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('makes no more of an answer than its client reads, and stops when it leaves', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connect(address.port, '127.0.0.1').pause();
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const gone = new AbortController();
  response.once('close', () => gone.abort());

  const sent = sendReply(response, { type: 'events', events: endless() }, { delayMs: 0, signal: gone.signal });
  const ended = sent.catch((error: unknown) => error);
  // Once the kernel's buffers are full, nothing more is asked of the answer.
  await vi.waitFor(async () => {
    const before = made;
    await turnsOfTheEventLoop(50);
    expect(response.writableNeedDrain).toBe(true);
    expect(made).toBe(before);
  }, 8_000);
  const stalledAt = made;

  client.resume();
  await vi.waitFor(() => expect(made).toBeGreaterThan(stalledAt), 5_000);
  client.destroy();
  expect(await ended).toMatchObject({ name: 'AbortError' });
});
