import type { IdSource } from '../ids.ts';
import type { Turn } from '../turn.ts';
import type { ResponsesRequest } from './responses-request.ts';

export type OutputItem =
  | { type: 'message'; id: string; status: 'completed' | 'incomplete'; role: 'assistant'; content: OutputText[] }
  | { type: 'function_call'; id: string; status: 'completed'; call_id: string; name: string; arguments: string };
export type OutputText = { type: 'output_text'; text: string; annotations: never[]; logprobs: never[] };

export type ResponsesAnswer = {
  /** The response object as it is before there is output. */
  started: object;
  output: readonly OutputItem[];
  completed: { status: 'completed' | 'incomplete' } & Record<string, unknown>;
};

export const outputText = (text: string): OutputText => ({ type: 'output_text', text, annotations: [], logprobs: [] });

/** The `response` object of OpenAI's Responses API. */
export function responsesAnswer(
  request: ResponsesRequest,
  turn: Turn,
  { newId, now }: { newId: IdSource; now: Date },
): ResponsesAnswer {
  const seconds = Math.floor(now.getTime() / 1000);
  const cut = turn.finish === 'length';
  const common = {
    id: newId('resp_'),
    object: 'response' as const,
    created_at: seconds,
    background: false,
    error: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    // Whatever was asked: nothing is kept.
    store: false,
    temperature: request.temperature ?? 1,
    text: { ...request.text, format: request.text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? 1,
    truncation: 'disabled',
    user: null,
    metadata: request.metadata ?? {},
  };
  const output = turn.parts.map((part): OutputItem => {
    if (part.type === 'tool_call') {
      const { name } = part;
      const call = { id: newId('fc_'), call_id: newId('call_'), name, arguments: JSON.stringify(part.arguments) };
      return { type: 'function_call', status: 'completed', ...call };
    }
    const status = cut ? 'incomplete' : 'completed';
    return { type: 'message', id: newId('msg_'), status, role: 'assistant', content: [outputText(part.text)] };
  });
  const { input, output: out } = turn.usage;
  const status = cut ? 'incomplete' : 'completed';
  return {
    started: { ...common, status: 'in_progress', incomplete_details: null, output: [], usage: null },
    output,
    completed: {
      ...common,
      status,
      completed_at: cut ? null : seconds,
      incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
      output,
      usage: {
        input_tokens: input,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: out,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + out,
      },
    },
  };
}
