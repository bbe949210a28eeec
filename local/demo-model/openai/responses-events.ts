import { jsonPieces, textPieces } from '../pieces.ts';
import type { StreamEvent } from '../protocol.ts';
import { type OutputItem, outputText, type ResponsesAnswer } from './responses-answer.ts';

type Unnumbered = { type: string; delta?: string } & Record<string, unknown>;

/** The events of OpenAI's Responses API: each has its type twice and a running number; there is no `[DONE]`. */
export function* responsesEvents(answer: ResponsesAnswer): Generator<StreamEvent> {
  let number = 0;
  for (const event of unnumbered(answer)) {
    const sent: StreamEvent = { event: event.type, data: { ...event, sequence_number: number++ } };
    yield event.delta === undefined ? sent : { ...sent, delta: true };
  }
}

function* unnumbered({ started, output, completed }: ResponsesAnswer): Generator<Unnumbered> {
  yield { type: 'response.created', response: started };
  yield { type: 'response.in_progress', response: started };
  for (const [index, item] of output.entries()) yield* itemEvents(item, index);
  yield { type: `response.${completed.status}`, response: completed };
}

function* itemEvents(item: OutputItem, index: number): Generator<Unnumbered> {
  const empty = item.type === 'message' ? { content: [] } : { arguments: '' };
  const begun = { ...item, ...empty, status: 'in_progress' };
  yield { type: 'response.output_item.added', output_index: index, item: begun };
  if (item.type === 'message') yield* textEvents(item.id, item.content[0]?.text ?? '', index);
  else yield* argumentEvents(item, index);
  yield { type: 'response.output_item.done', output_index: index, item };
}

function* textEvents(itemId: string, text: string, index: number): Generator<Unnumbered> {
  const at = { item_id: itemId, output_index: index, content_index: 0 };
  yield { type: 'response.content_part.added', ...at, part: outputText('') };
  for (const delta of textPieces(text)) {
    yield { type: 'response.output_text.delta', ...at, delta, logprobs: [] };
  }
  yield { type: 'response.output_text.done', ...at, text, logprobs: [] };
  yield { type: 'response.content_part.done', ...at, part: outputText(text) };
}

function* argumentEvents(item: Extract<OutputItem, { type: 'function_call' }>, index: number): Generator<Unnumbered> {
  const at = { item_id: item.id, output_index: index };
  for (const delta of jsonPieces(item.arguments)) {
    yield { type: 'response.function_call_arguments.delta', ...at, delta };
  }
  yield { type: 'response.function_call_arguments.done', ...at, name: item.name, arguments: item.arguments };
}
