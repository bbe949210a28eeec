import type { IdSource } from '../ids.ts';
import { jsonPieces, textPieces } from '../pieces.ts';
import type { StreamEvent } from '../protocol.ts';
import type { Turn } from '../turn.ts';
import type { MessagesRequest } from './messages-request.ts';

type Block =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };
export type MessagesAnswer = {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: Block[];
  stop_reason: string;
  stop_sequence: null;
  usage: ReturnType<typeof usageOf>;
};

const STOP_REASON = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens' } as const;

const usageOf = (input: number, output: number) => ({
  input_tokens: input,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
  service_tier: 'standard' as const,
});

/** The message object of Anthropic's Messages API. */
export function messagesAnswer(request: MessagesRequest, turn: Turn, newId: IdSource): MessagesAnswer {
  return {
    id: newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: turn.parts.map((part): Block => {
      if (part.type === 'text') return { type: 'text', text: part.text };
      return { type: 'tool_use', id: newId('toolu_'), name: part.name, input: part.arguments };
    }),
    stop_reason: STOP_REASON[turn.finish],
    stop_sequence: null,
    usage: usageOf(turn.usage.input, turn.usage.output),
  };
}

type Named = { type: string } & Record<string, unknown>;

/** The events of a streamed message. */
export function* messagesEvents(answer: MessagesAnswer): Generator<StreamEvent> {
  for (const data of events(answer)) {
    const sent: StreamEvent = { event: data.type, data };
    yield data.type === 'content_block_delta' ? { ...sent, delta: true } : sent;
  }
}

function* events(answer: MessagesAnswer): Generator<Named> {
  const { stop_reason, stop_sequence, usage } = answer;
  const begun = { ...answer, content: [], stop_reason: null, usage: usageOf(usage.input_tokens, 1) };
  yield { type: 'message_start', message: begun };
  for (const [index, block] of answer.content.entries()) {
    const content_block = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
    yield { type: 'content_block_start', index, content_block };
    if (index === 0) yield { type: 'ping' };
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: { output_tokens: usage.output_tokens } };
  yield { type: 'message_stop' };
}

function deltas(block: Block): object[] {
  if (block.type === 'text') return textPieces(block.text).map((text) => ({ type: 'text_delta', text }));
  // Anthropic begins with an empty piece.
  return ['', ...jsonPieces(JSON.stringify(block.input))].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
}
