import { type Exchange, sendEvents, sendJson, toolToCall } from './answering.ts';
import { TEXT, TOOL_INPUT, WORDS } from './words.ts';

/** What the double says that calls used; the meter has to come to the same. */
export const OPENAI_CHAT_USAGE = {
  prompt_tokens: 21,
  completion_tokens: 17,
  total_tokens: 38,
  prompt_tokens_details: { cached_tokens: 5, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 4,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const RESPONSE_USAGE = {
  input_tokens: 21,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 17,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 38,
};
const CREATED = 1_750_000_000;
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export function answerOpenai(exchange: Exchange, status: number): void | Promise<void> {
  const { call, body, res } = exchange;
  const path = call.url.replace(/^\/openai\/v1/, '').replace(/\?.*/, '');
  if (status > 0) {
    return sendJson(res, status, {
      error: { message: `status ${status}`, type: 'server_error', param: null, code: null },
    });
  }
  switch (path) {
    case '/chat/completions':
      return chat(exchange);
    case '/responses':
      return responses(exchange);
    case '/embeddings':
      return sendJson(res, 200, {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: embedding(body) }],
        model: body['model'],
        usage: { prompt_tokens: 8, total_tokens: 8 },
      });
    case '/images/generations':
    case '/images/edits':
      return sendJson(res, 200, {
        created: CREATED,
        data: [{ b64_json: PIXEL }],
        usage: {
          input_tokens: 50,
          input_tokens_details: { text_tokens: 10, image_tokens: 40 },
          output_tokens: 272,
          total_tokens: 322,
        },
      });
    case '/audio/speech':
      res.writeHead(200, { 'content-type': 'audio/mpeg' });
      res.end(Buffer.alloc(5000, 7));
      return;
    case '/audio/transcriptions':
      return sendJson(res, 200, {
        text: 'Hello.',
        usage: {
          type: 'tokens',
          input_tokens: 14,
          input_token_details: { text_tokens: 4, audio_tokens: 10 },
          output_tokens: 3,
          total_tokens: 17,
        },
      });
    case '/models':
      return sendJson(res, 200, {
        object: 'list',
        data: [{ id: 'gpt-5-mini', object: 'model', created: CREATED, owned_by: 'openai' }],
      });
    default:
      return sendJson(res, 404, {
        error: { message: `no ${path}`, type: 'invalid_request_error', param: null, code: null },
      });
  }
}

function embedding(body: Record<string, unknown>): number[] | string {
  const values = [0.25, -0.5, 1];
  return body['encoding_format'] === 'base64'
    ? Buffer.from(new Float32Array(values).buffer).toString('base64')
    : values;
}

function chat(exchange: Exchange): void | Promise<void> {
  const { body, res } = exchange;
  const base = {
    id: 'chatcmpl-1',
    created: CREATED,
    model: body['model'],
    service_tier: 'default',
    system_fingerprint: 'fp_1',
  };
  const tool = toolToCall(body);
  const toolCalls =
    tool === null
      ? null
      : [{ id: 'call_1', type: 'function', function: { name: tool, arguments: JSON.stringify(TOOL_INPUT) } }];
  const finish = tool === null ? 'stop' : 'tool_calls';
  if (body['stream'] !== true) {
    const message = toolCalls
      ? { role: 'assistant', content: null, tool_calls: toolCalls, refusal: null }
      : { role: 'assistant', content: TEXT, refusal: null };
    return sendJson(res, 200, {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
      usage: OPENAI_CHAT_USAGE,
    });
  }
  const withUsage = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
  const chunk = (delta: object, reason: string | null = null) =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }], ...(withUsage ? { usage: null } : {}) })}\n\n`;
  const usage = `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [], usage: OPENAI_CHAT_USAGE })}\n\n`;
  const deltas = toolCalls
    ? [{ role: 'assistant', content: null, tool_calls: toolCalls.map((one, index) => ({ index, ...one })) }]
    : [{ role: 'assistant', content: '' }, ...WORDS.map((content) => ({ content }))];
  return sendEvents(exchange, [
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finish),
    ...(withUsage ? [usage] : []),
    'data: [DONE]\n\n',
  ]);
}

const ITEM_ID = `msg_${'0a1b2c3d'.repeat(6)}`;

function responses(exchange: Exchange): void | Promise<void> {
  const { body, res } = exchange;
  const tool = toolToCall(body);
  const text = { type: 'output_text', annotations: [], logprobs: [], text: TEXT };
  const item =
    tool === null
      ? { id: ITEM_ID, type: 'message', status: 'completed', role: 'assistant', content: [text] }
      : {
          id: `fc_${'0a1b2c3d'.repeat(6)}`,
          type: 'function_call',
          status: 'completed',
          call_id: 'call_1',
          name: tool,
          arguments: JSON.stringify(TOOL_INPUT),
        };
  const response = (status: string, output: unknown[], usage: unknown) => ({
    id: `resp_${'0a1b2c3d'.repeat(6)}`,
    object: 'response',
    created_at: CREATED,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: body['model'],
    output,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: body['tools'] ?? [],
    service_tier: 'default',
    metadata: {},
    usage,
  });
  if (body['stream'] !== true) return sendJson(res, 200, response('completed', [item], RESPONSE_USAGE));
  let sequence = 0;
  const event = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const at = { item_id: item.id, output_index: 0 };
  const begun =
    tool === null ? { ...item, status: 'in_progress', content: [] } : { ...item, status: 'in_progress', arguments: '' };
  const middle =
    tool === null
      ? [
          event('response.content_part.added', { ...at, content_index: 0, part: { ...text, text: '' } }),
          ...WORDS.map((delta) =>
            event('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] }),
          ),
          event('response.output_text.done', { ...at, content_index: 0, text: TEXT, logprobs: [] }),
          event('response.content_part.done', { ...at, content_index: 0, part: text }),
        ]
      : [
          event('response.function_call_arguments.delta', { ...at, delta: JSON.stringify(TOOL_INPUT) }),
          event('response.function_call_arguments.done', { ...at, arguments: JSON.stringify(TOOL_INPUT) }),
        ];
  return sendEvents(exchange, [
    event('response.created', { response: response('in_progress', [], null) }),
    event('response.in_progress', { response: response('in_progress', [], null) }),
    event('response.output_item.added', { output_index: 0, item: begun }),
    ...middle,
    event('response.output_item.done', { output_index: 0, item }),
    event('response.completed', { response: response('completed', [item], RESPONSE_USAGE) }),
  ]);
}
