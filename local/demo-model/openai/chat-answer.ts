import type { IdSource } from '../ids.ts';
import type { Turn } from '../turn.ts';
import type { ChatRequest } from './chat-request.ts';

export type ChatToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };
export type ChatAnswer = {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  system_fingerprint: string;
  choices: [
    {
      index: 0;
      message: {
        role: 'assistant';
        content: string | null;
        refusal: null;
        annotations: never[];
        tool_calls?: ChatToolCall[];
      };
      logprobs: null;
      finish_reason: Turn['finish'];
    },
  ];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
};

/** The `chat.completion` object of OpenAI's Chat Completions. */
export function chatAnswer(
  request: ChatRequest,
  turn: Turn,
  { newId, now }: { newId: IdSource; now: Date },
): ChatAnswer {
  const texts: string[] = [];
  const calls: ChatToolCall[] = [];
  const id = newId('chatcmpl-');
  for (const part of turn.parts) {
    if (part.type === 'text') texts.push(part.text);
    else {
      const called = { name: part.name, arguments: JSON.stringify(part.arguments) };
      calls.push({ id: newId('call_'), type: 'function', function: called });
    }
  }
  const message = {
    role: 'assistant' as const,
    content: texts.length > 0 ? texts.join('\n') : null,
    refusal: null,
    annotations: [],
  };
  const { input, output } = turn.usage;
  return {
    id,
    object: 'chat.completion',
    created: Math.floor(now.getTime() / 1000),
    model: request.model,
    system_fingerprint: 'fp_demo',
    choices: [
      {
        index: 0,
        message: calls.length > 0 ? { ...message, tool_calls: calls } : message,
        logprobs: null,
        finish_reason: turn.finish,
      },
    ],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}
