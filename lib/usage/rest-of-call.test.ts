import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGateway } from '../gateway/gateway.ts';
import { createLog } from '../log.ts';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { createLedger, type UsageLedger } from './ledger.ts';
import { createRestOfCall } from './rest-of-call.ts';

const TEXT = '{"model":"gpt-5-mini","usage":{"input_tokens":200,"output_tokens":100}}';
const log = createLog('test', 'silent');
let context: TestContext;
let ledger: UsageLedger;
let userId: string;
let sayRest: () => void;

beforeEach(async () => {
  context = await createTestContext();
  userId = await insertUser(context);
  // As in a process that is frozen as soon as the work after the answer is over: nothing that waits for a time happens.
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  ledger = createLedger(context);
});
afterEach(async () => {
  vi.useRealTimers();
  await ledger.close();
  await context.close();
});

const events = () => context.database.db.selectFrom('usage_events').selectAll().execute();
const open = () => context.database.db.selectFrom('usage_reservations').selectAll().execute();

/** A call as the route makes it, of a provider that waits with the second half of its answer. */
function call(signal: AbortSignal) {
  const rest = Promise.withResolvers<void>();
  sayRest = rest.resolve;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode(TEXT.slice(0, 40)));
      await rest.promise;
      controller.enqueue(new TextEncoder().encode(TEXT.slice(40)));
      controller.close();
    },
  });
  const gateway = createGateway({
    resolveKey: async () => ({ keyId: crypto.randomUUID(), userId }),
    providers: new Map([
      ['openai', { name: 'openai', protocol: 'openai', baseUrl: 'https://openai.test/v1', keys: [], demo: false }],
    ]),
    fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    ledger,
    log,
  });
  const request = new Request('http://gateway/api/gateway/openai/v1/responses', {
    method: 'POST',
    body: '{"model":"gpt-5-mini"}',
    headers: { authorization: `Bearer vk_${userId}_${'a'.repeat(32)}`, 'content-type': 'application/json' },
  });
  const after = createRestOfCall(ledger, log);
  const answer = gateway(request, { signal, requestId: 'r-1', waitUntil: after.waitUntil });
  after.waitUntil(answer);
  return { answer, finish: after.finish };
}

const EXACT = { input_tokens: 200, output_tokens: 100, estimated: false };

it('writes what an answer used before the process may stop', async () => {
  const { answer, finish } = call(new AbortController().signal);
  sayRest();
  expect(await (await answer).text()).toBe(TEXT);
  await finish();
  expect(await events()).toMatchObject([{ ...EXACT, outcome: 'ok' }]);
  expect(await open()).toEqual([]);
});

it.each(['before there is a head', 'in the middle of the answer'])('also when the caller goes %s', async (when) => {
  const caller = new AbortController();
  const { answer, finish } = call(caller.signal);
  if (when.startsWith('before')) caller.abort();
  else {
    await (await answer).body?.getReader().read();
    caller.abort();
  }
  const finished = finish();
  sayRest();
  await finished;
  expect(await events()).toMatchObject([{ ...EXACT, outcome: 'client_gone' }]);
  expect(await open()).toEqual([]);
});

it('tries again when Postgres did not take it, and in the end leaves it to the reservation', async () => {
  const flush = vi.fn<() => Promise<void>>().mockRejectedValue(new Error('away'));
  const finished = createRestOfCall({ flush }, log).finish();
  await vi.advanceTimersByTimeAsync(5_000);
  await finished;
  expect(flush).toHaveBeenCalledTimes(3);
});
