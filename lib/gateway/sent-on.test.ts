import { expect, test } from 'vitest';
import { BODY, KEY, openai, setUp } from './testing/gateway-setup.ts';

test('sends on of a query only what cannot change what the answer tells', async () => {
  const { calls, send } = setUp();
  const google = `/google/v1beta/models/gemini-2.5-pro:generateContent`;
  const headers = { 'x-goog-api-key': KEY };
  const asked = [
    'fields=candidates',
    'alt=proto&callback=x',
    '$ct=application/x-protobuf',
    'cachedContent=cachedContents/theirs',
    'alt=json&alt=proto',
    'alt=sse&quotaUser=x',
  ];
  for (const query of asked) {
    expect((await send(`${google}?${query}`, { method: 'POST', body: '{}', headers })).status).toBe(200);
  }
  expect(calls.map(({ url }) => new URL(url).search)).toEqual(['', '', '', '', '', '?alt=sse']);
});

test.each([
  ['application/x-www-form-urlencoded', 'application/json'],
  ['application/json; charset=utf-8', 'application/json'],
  ['text/plain', 'application/json'],
])('tells the provider to read a body of %s as it was read here', async (type, told) => {
  const { calls, send } = setUp();
  await send('/openai/v1/responses', openai(BODY, { 'content-type': type }));
  expect(calls[0]?.headers['content-type']).toBe(told);
});

test.each([
  ['/openai/v1/images/generations', '{"prompt":"a cat","n":10}'],
  ['/openai/v1/embeddings', '{"input":"x"}'],
  ['/anthropic/v1/messages', '{"messages":[]}'],
  // Read while it is sent: its end is held back.
  ['/openai/v1/responses', JSON.stringify({ input: 'x'.repeat(2_000_000) })],
])('refuses a call of %s that names no model', async (path, body) => {
  const { send, settled, open } = setUp({
    answer: async (call) => {
      for await (const _chunk of call.body as AsyncIterable<unknown>);
      return new Response('{}');
    },
  });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const answer = await send(path, { method: 'POST', body, headers });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('model')]);
  expect(settled.filter(({ outcome }) => outcome.billable)).toEqual([]);
  expect(open.size).toBe(0);
});

test('sends a large body whole whose end comes in thousands of pieces of white space', async () => {
  let received = 0;
  const { send } = setUp({
    answer: async (call) => {
      for await (const chunk of call.body as AsyncIterable<Uint8Array>) received += chunk.length;
      return new Response('{}');
    },
  });
  const value = new TextEncoder().encode(JSON.stringify({ model: 'gpt-5-mini', input: 'x'.repeat(1_500_000) }));
  const space = new TextEncoder().encode(' ');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(value);
      for (let count = 0; count < 20_000; count++) controller.enqueue(space);
      controller.close();
    },
  });
  const answer = await send('/openai/v1/responses', { ...openai(), body, duplex: 'half' });
  expect([answer.status, received]).toEqual([200, value.length + 20_000]);
});
