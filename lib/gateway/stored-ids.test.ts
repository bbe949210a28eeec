import { expect, test, vi } from 'vitest';
import { openai, setUp, USER } from './testing/gateway-setup.ts';
import { createStoredIds, type ResponseOwner } from './stored-ids.ts';

const OTHER = '7d0f8f3e-0f6a-4b62-9d1c-3f6b9a1f0c55';

const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const json = (id: unknown) => () => Response.json({ id, object: 'response', status: 'completed', output: [], usage });
const after = (id: string) => openai(JSON.stringify({ model: 'gpt-5-mini', input: 'and?', previous_response_id: id }));
const owners = (known: Record<string, string>) => vi.fn<ResponseOwner>(async (_provider, id) => known[id] ?? null);

test('a response is booked with its id, whole or streamed, and goes on in another process for its owner alone', async () => {
  const created = { type: 'response.created', response: { id: 'resp_2', status: 'in_progress' } };
  const item = { type: 'response.output_item.done', item: { id: 'msg_1', type: 'message' } };
  const completed = { type: 'response.completed', response: { id: 'resp_2', status: 'completed', usage } };
  const events = [created, item, completed].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const stream = () => new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
  for (const [answer, id] of [
    [json('resp_1'), 'resp_1'],
    [stream, 'resp_2'],
  ] as const) {
    const first = setUp({ answer });
    await (await first.send('/openai/v1/responses', openai())).text();
    expect(first.settled).toMatchObject([{ outcome: { responseId: id } }]);

    const responseOwner = owners({ [id]: USER, resp_theirs: OTHER });
    const second = setUp({ answer: json('resp_3'), responseOwner });
    for (let turn = 1; turn <= 2; turn++) {
      const next = await second.send('/openai/v1/responses', after(id));
      expect([next.status, await next.json()]).toMatchObject([200, { id: 'resp_3' }]);
    }
    expect(responseOwner).toHaveBeenCalledWith('openai', id);
    for (const other of ['resp_theirs', 'resp_unknown']) {
      const answer = await second.send('/openai/v1/responses', after(other));
      expect([answer.status, await answer.text()]).toEqual([
        400,
        expect.stringContaining('previous_response_not_found'),
      ]);
    }
    expect(second.calls).toHaveLength(2);
    expect(second.settled.slice(2)).toMatchObject([{ outcome: { billable: false } }, { outcome: { billable: false } }]);
    expect(second.open.size).toBe(0);
  }
});

test('a response of one provider is none of another', async () => {
  const { send, calls } = setUp({ responseOwner: async (provider) => (provider === 'azure' ? USER : null) });
  expect((await send('/openai/v1/responses', after('resp_1'))).status).toBe(400);
  expect(calls).toEqual([]);
});

test('nothing is sent while the owner cannot be looked up', async () => {
  const { send, calls, lines, open } = setUp({ responseOwner: async () => Promise.reject(new Error('away')) });
  const answer = await send('/openai/v1/responses', after('resp_1'));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  expect(calls).toEqual([]);
  expect(JSON.stringify(lines)).toContain('cannot be looked up');
  expect(open.size).toBe(0);
});

test('looks up nothing for a call beyond its limits, nor an id that no response can have', async () => {
  const responseOwner = owners({});
  const limited = setUp({ responseOwner, refuse: () => ({ refused: 'parallel', message: 'Too many.' }) });
  expect((await limited.send('/openai/v1/responses', after('resp_1'))).status).toBe(429);
  const { send } = setUp({ responseOwner });
  for (const id of ['resp\0', 'resp 1', `resp_${'x'.repeat(200)}`]) {
    expect((await send('/openai/v1/responses', after(id))).status).toBe(400);
  }
  expect(responseOwner).not.toHaveBeenCalled();
});

test('an id that no response can have is not booked', async () => {
  const { send, settled } = setUp({ answer: json('resp\0') });
  await (await send('/openai/v1/responses', openai())).text();
  expect(settled[0]?.outcome.responseId).toBeUndefined();
});

test('what is booked counts before what passed here, whose id a caller may have chosen', async () => {
  const { send } = setUp({ answer: json('resp_1'), responseOwner: owners({ resp_1: OTHER }) });
  await (await send('/openai/v1/responses', openai())).text();
  expect((await send('/openai/v1/responses', after('resp_1'))).status).toBe(400);
});

test("a response that just ended is its owner's before it is booked, here at once and elsewhere after a moment", async () => {
  const unbooked = setUp({ answer: json('resp_1'), responseOwner: owners({}) });
  await (await unbooked.send('/openai/v1/responses', openai())).text();
  expect((await unbooked.send('/openai/v1/responses', after('resp_1'))).status).toBe(200);

  const ownerOf = vi.fn<ResponseOwner>().mockResolvedValueOnce(null).mockResolvedValueOnce(USER);
  const ids = createStoredIds({ ownerOf, bookingMs: 0 });
  expect(await ids.mayUse(USER, 'openai', { kind: 'response', id: 'resp_1' })).toBe(true);
});

test('the id of an item is not that of a response', async () => {
  const ids = createStoredIds();
  ids.remember(USER, 'openai', { kind: 'item', id: 'resp_1' });
  expect(ids.mayUse(USER, 'openai', { kind: 'response', id: 'resp_1' })).toBe(false);
  expect(ids.mayUse(OTHER, 'openai', { kind: 'item', id: 'resp_1' })).toBe(false);
});
