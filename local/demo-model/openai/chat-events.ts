import { jsonPieces, textPieces } from '../pieces.ts';
import type { StreamEvent } from '../protocol.ts';
import type { ChatAnswer } from './chat-answer.ts';

/** The chunks of Chat Completions. The usage comes in a chunk of its own, and only to those who asked for it. */
export function* chatEvents(answer: ChatAnswer, includeUsage: boolean): Generator<StreamEvent> {
  const { usage, choices, ...rest } = answer;
  const common = { ...rest, object: 'chat.completion.chunk' };
  const usageOf = (value: ChatAnswer['usage'] | null) => (includeUsage ? { usage: value } : {});
  const chunk = (delta: object, finish: string | null = null) => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...usageOf(null),
  });

  const { message, finish_reason } = choices[0];
  yield { data: chunk({ role: 'assistant', content: message.content === null ? null : '', refusal: null }) };
  for (const content of textPieces(message.content ?? '')) yield { data: chunk({ content }), delta: true };
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    const named = { name: call.function.name, arguments: '' };
    yield { data: chunk({ tool_calls: [{ index, id: call.id, type: call.type, function: named }] }) };
    for (const piece of jsonPieces(call.function.arguments)) {
      yield { data: chunk({ tool_calls: [{ index, function: { arguments: piece } }] }), delta: true };
    }
  }
  yield { data: chunk({}, finish_reason) };
  if (includeUsage) yield { data: { ...common, choices: [], ...usageOf(usage) } };
  yield { data: '[DONE]' };
}
