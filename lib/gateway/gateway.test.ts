import { expect, test, vi } from 'vitest';
import { BODY, KEY, openai, providers, REAL, setUp, text, USER } from './testing/gateway-setup.ts';

test.each([
  [
    '/openai/v1/responses',
    { authorization: `Bearer ${KEY}` },
    'https://openai.test/v1/responses',
    'authorization',
    `Bearer ${REAL}`,
  ],
  ['/anthropic/v1/messages', { 'x-api-key': KEY }, 'https://anthropic.test/v1/messages', 'x-api-key', REAL],
  [
    '/anthropic/v1/messages',
    { authorization: `Bearer ${KEY}` },
    'https://anthropic.test/v1/messages',
    'x-api-key',
    REAL,
  ],
  [
    '/google/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    { 'x-goog-api-key': KEY },
    'https://google.test/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    'x-goog-api-key',
    REAL,
  ],
  [
    `/google/v1beta/models/gemini-2.5-pro:generateContent?key=${KEY}`,
    {},
    'https://google.test/v1beta/models/gemini-2.5-pro:generateContent',
    'x-goog-api-key',
    REAL,
  ],
])('%s goes out with the real key in its one header', async (path, headers, url, keyHeader, value) => {
  const { calls, send } = setUp();
  const answer = await send(path, {
    method: 'POST',
    body: path.startsWith('/google') ? '{}' : BODY,
    headers: headers as Record<string, string>,
  });
  expect(answer.status).toBe(200);
  expect(calls[0]?.url).toBe(url);
  expect(calls[0]?.headers[keyHeader]).toBe(value);
  const others = Object.entries(calls[0]?.headers ?? {}).filter(([name]) => name !== keyHeader);
  expect(JSON.stringify(others)).not.toContain(REAL);
  expect(JSON.stringify([calls[0]?.headers, calls[0]?.url])).not.toContain(KEY);
});

test('passes only headers of the allow-list, in both directions', async () => {
  const { calls, send } = setUp({
    answer: () =>
      new Response('{}', {
        headers: {
          'set-cookie': 'a=1',
          'openai-organization': 'acme',
          'x-ratelimit-limit-requests': '10',
          'x-request-id': 'theirs',
        },
      }),
  });
  const answer = await send(
    '/openai/v1/responses',
    openai(BODY, {
      cookie: 'session=1',
      'x-secret': KEY,
      'openai-organization': 'org-other',
      'openai-project': 'p',
      'idempotency-key': 'guess',
      'x-forwarded-for': '1.2.3.4',
      'openai-beta': 'responses=v1',
    }),
  );
  expect(Object.keys(calls[0]?.headers ?? {}).sort()).toEqual([
    'accept-encoding',
    'authorization',
    'content-type',
    'openai-beta',
    'x-request-id',
  ]);
  expect(calls[0]?.headers['accept-encoding']).toBe('identity');
  expect(calls[0]?.headers['x-request-id']).toBe('request-1');
  expect([...answer.headers.keys()].sort()).toEqual([
    'content-type',
    'x-gateway-overhead-ms',
    'x-ratelimit-limit-requests',
    'x-request-id',
    'x-upstream-request-id',
  ]);
});

test.each([
  ['no key', {}],
  ['malformed', { authorization: 'Bearer sk-mine' }],
  ['unknown', { authorization: `Bearer vk_${USER}_${'b'.repeat(32)}` }],
])('refuses a request with %s in the words of the provider', async (_name, headers) => {
  const { calls, send } = setUp();
  const answer = await send('/openai/v1/responses', {
    method: 'POST',
    body: '{}',
    headers: headers as Record<string, string>,
  });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ error: { type: 'authentication_error', code: 'invalid_api_key' } });
  const claude = await send('/anthropic/v1/messages', {
    method: 'POST',
    body: '{}',
    headers: headers as Record<string, string>,
  });
  expect(await claude.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  const gemini = await send('/google/v1beta/models/m:generateContent', { method: 'POST', body: '{}' });
  expect(await gemini.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  expect(calls).toEqual([]);
});

test.each([
  ['GET', '/openai/v1/files'],
  ['POST', '/openai/v1/files'],
  ['GET', '/openai/v1/responses/resp_123'],
  ['POST', '/openai/v1/batches'],
  ['POST', '/openai/v1/assistants'],
  ['GET', '/openai/v1/models/ft:gpt-4o:acme::1'],
  ['POST', '/anthropic/v1/messages/batches'],
  ['GET', '/anthropic/v1/files'],
  ['POST', '/google/v1beta/models/m:batchGenerateContent'],
  ['POST', '/google/v1beta/tunedModels/x:generateContent'],
  ['GET', '/google/v1beta/files'],
  ['GET', '/composio/api/v3/connected_accounts/ca_1'],
  ['DELETE', '/composio/api/v3/connected_accounts/ca_1'],
  ['GET', '/composio/api/v3/auth_configs'],
  ['POST', '/composio/api/v3/tools/execute/proxy/x'],
])('%s %s is not open', async (method, path) => {
  const { calls, send } = setUp();
  const headers = { authorization: `Bearer ${KEY}`, 'x-api-key': KEY, 'x-goog-api-key': KEY };
  const answer = await send(path, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) });
  expect(answer.status).toBe(403);
  expect(calls).toEqual([]);
});

test('answers unknown providers, other methods and ambiguous paths without asking anybody', async () => {
  const { calls, send } = setUp();
  expect((await send('/mistral/v1/chat', openai())).status).toBe(404);
  expect((await send('/openai/v1/responses', { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(405);
  expect((await send('/openai/v1/responses%2f..%2ffiles', openai())).status).toBe(400);
  expect(calls).toEqual([]);
});

test('says which setting is missing when a provider has neither key nor stand-in', async () => {
  const { send, onCall } = setUp({ providers: new Map([...providers].filter(([name]) => name !== 'openai')) });
  const answer = await send('/openai/v1/responses', openai());
  expect(answer.status).toBe(503);
  expect(answer.headers.get('x-should-retry')).toBe('false');
  expect(await answer.json()).toMatchObject({ error: { code: 'provider_not_configured' } });
  expect(onCall).not.toHaveBeenCalled();
});

test('sets the caller as the user of a tool and refuses fields that name other accounts', async () => {
  const { calls, send } = setUp();
  const call = (body: unknown) =>
    send('/composio/api/v3/tools/execute/GMAIL_SEND?user_id=somebody&connected_account_id=ca_2', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'x-api-key': KEY, 'content-type': 'application/json' },
    });
  expect((await call({ user_id: 'somebody', entity_id: 'else', arguments: { to: 'a@b.c' } })).status).toBe(200);
  expect(calls[0]?.url).toBe('https://composio.test/api/v3/tools/execute/GMAIL_SEND');
  expect(JSON.parse(text(calls[0]?.body))).toEqual({ user_id: USER, arguments: { to: 'a@b.c' } });
  expect(calls[0]?.headers['content-length']).toBeUndefined();
  const other = await call({ connected_account_id: 'ca_1', arguments: {} });
  expect(other.status).toBe(403);
  expect(JSON.stringify(await other.json())).toContain('connected_account_id');
  expect(calls).toHaveLength(1);
});

test("never shows the provider's words about the real key", async () => {
  const { lines, send } = setUp({ answer: () => new Response(`Incorrect API key provided: ${REAL}`, { status: 401 }) });
  const answer = await send('/openai/v1/responses', openai());
  expect(answer.status).toBe(502);
  const text = await answer.text();
  expect(text).toContain('provider_key_rejected');
  expect(text + JSON.stringify(lines)).not.toContain(REAL);
});

test('tells apart a provider that cannot be reached and one that takes too long', async () => {
  const fails = (code: string) => () => {
    throw Object.assign(new Error(`connect failed with ${REAL}`), { code });
  };
  const unreachable = setUp({ answer: fails('ECONNREFUSED') });
  const first = await unreachable.send('/openai/v1/responses', openai());
  expect([first.status, await first.json()]).toMatchObject([502, { error: { code: 'provider_unreachable' } }]);
  expect(JSON.stringify(unreachable.lines)).not.toContain(REAL);
  const late = await setUp({ answer: fails('UND_ERR_CONNECT_TIMEOUT') }).send('/openai/v1/responses', openai());
  expect([late.status, await late.json()]).toMatchObject([504, { error: { code: 'provider_timeout' } }]);
});

test('does not follow redirects', async () => {
  const { send } = setUp({
    answer: () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
  });
  const answer = await send('/openai/v1/responses', openai());
  expect(answer.status).toBe(502);
  expect(answer.headers.get('location')).toBeNull();
});

test('refuses bodies that say or turn out to be too large', async () => {
  const { calls, send } = setUp({
    answer: async (call) => new Response(await new Response(call.body as BodyInit).text()),
  });
  const declared = await send('/openai/v1/responses', openai('{}', { 'content-length': String(51 * 1024 * 1024) }));
  expect(declared.status).toBe(413);
  expect(calls).toEqual([]);
  const chunk = new Uint8Array(8 * 1024 * 1024).fill(32);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => (sent++ < 10 ? controller.enqueue(chunk) : controller.close()),
  });
  const streamed = await send('/openai/v1/responses', { ...openai(), body, duplex: 'half' });
  expect(streamed.status).toBe(413);
  expect(sent).toBeLessThan(10);
});

const USAGE = '{"usage":{"input_tokens":10,"output_tokens":5}}';

/** A provider that says the beginning of its answer at once, and the rest when it is told to. */
function inTwoParts() {
  const rest = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(encoder.encode(USAGE.slice(0, 20)));
      await rest.promise;
      controller.enqueue(encoder.encode(USAGE.slice(20)));
      controller.close();
    },
  });
  return { body: new Response(body, { headers: { 'content-type': 'application/json' } }), sayRest: rest.resolve };
}

test('reads on for the usage when the caller goes while the next chunk is awaited', async () => {
  const { body, sayRest } = inTwoParts();
  const { send, settled } = setUp({ answer: () => body });
  const reader = (await send('/openai/v1/responses', openai())).body?.getReader();
  await reader?.read();
  void reader?.read();
  // Time for the read to reach the provider's answer.
  await new Promise((resolve) => setTimeout(resolve, 5));
  void reader?.cancel();
  sayRest();
  await vi.waitFor(() => expect(settled).toHaveLength(1));
  const usage = { inputTokens: 10, outputTokens: 5 };
  expect(settled[0]?.outcome).toMatchObject({ usage, clientGone: true, status: 499 });
});

test.each(['before', 'after'])('settles an answer that nobody reads when the caller goes %s its head', async (when) => {
  const { body, sayRest } = inTwoParts();
  const { send, settled } = setUp({ answer: () => body });
  const caller = new AbortController();
  if (when === 'before') caller.abort();
  await send('/openai/v1/responses', openai(), caller.signal);
  caller.abort();
  sayRest();
  await vi.waitFor(() => expect(settled).toHaveLength(1));
  expect(settled[0]?.outcome).toMatchObject({ usage: { outputTokens: 5 }, clientGone: true });
});
