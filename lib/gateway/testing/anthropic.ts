import { type Exchange, sendEvents, sendJson, toolToCall } from './answering.ts';
import { TEXT, TOOL_INPUT, WORDS } from './words.ts';

const USAGE = {
  input_tokens: 11,
  cache_creation_input_tokens: 6,
  cache_read_input_tokens: 4,
  cache_creation: { ephemeral_5m_input_tokens: 6, ephemeral_1h_input_tokens: 0 },
  output_tokens: 19,
  service_tier: 'standard',
};

export function answerAnthropic(exchange: Exchange, status: number): void | Promise<void> {
  const { call, body, res } = exchange;
  const path = call.url.replace(/^\/anthropic\/v1/, '').replace(/\?.*/, '');
  if (status > 0) {
    const type = status === 429 ? 'rate_limit_error' : 'api_error';
    return sendJson(res, status, { type: 'error', error: { type, message: `status ${status}` } });
  }
  if (path === '/messages/count_tokens') return sendJson(res, 200, { input_tokens: 21 });
  if (path === '/models') {
    const data = [{ type: 'model', id: 'claude-sonnet-5', display_name: 'Claude', created_at: '2026-01-01T00:00:00Z' }];
    return sendJson(res, 200, { data, has_more: false, first_id: data[0]?.id, last_id: data[0]?.id });
  }
  if (path !== '/messages')
    return sendJson(res, 404, { type: 'error', error: { type: 'not_found_error', message: path } });
  const tool = toolToCall(body);
  const block =
    tool === null ? { type: 'text', text: TEXT } : { type: 'tool_use', id: 'toolu_1', name: tool, input: TOOL_INPUT };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: body['model'],
    content: [block],
    stop_reason: tool === null ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: USAGE,
  };
  if (body['stream'] !== true) return sendJson(res, 200, message);
  const event = (fields: { type: string } & Record<string, unknown>) =>
    `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
  const deltas =
    tool === null
      ? WORDS.map((text) => ({ type: 'text_delta', text }))
      : [{ type: 'input_json_delta', partial_json: JSON.stringify(TOOL_INPUT) }];
  return sendEvents(exchange, [
    event({
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...USAGE, output_tokens: 1 } },
    }),
    event({
      type: 'content_block_start',
      index: 0,
      content_block: tool === null ? { type: 'text', text: '' } : { ...block, input: {} },
    }),
    event({ type: 'ping' }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index: 0, delta })),
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason, stop_sequence: null },
      usage: { output_tokens: USAGE.output_tokens },
    }),
    event({ type: 'message_stop' }),
  ]);
}
