import { z } from 'zod';
import { parseWith } from '../errors.ts';
import { jsonSchemaSchema } from '../json-schema.ts';
import { createTranscript } from '../transcript.ts';
import type { Prompt, ToolChoice } from '../turn.ts';
import { contentSchema, modelName, tokenLimit } from './content.ts';

const toolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: contentSchema }),
  z.object({
    role: z.literal('assistant'),
    content: contentSchema.optional(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: contentSchema }),
]);

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: jsonSchemaSchema.nullish(),
  }),
});

const schema = z.object({
  model: modelName,
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_completion_tokens: tokenLimit,
  max_tokens: tokenLimit,
  n: z.literal(1, 'the demo model gives one answer at a time').nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: jsonSchemaSchema.optional() }) }),
    ])
    .nullish(),
});
export type ChatRequest = z.infer<typeof schema>;

/** @throws DemoModelError in a body that Chat Completions would refuse too */
export function readChat(body: unknown): { request: ChatRequest; prompt: Prompt } {
  const request = parseWith(schema, body);
  const transcript = createTranscript();
  const instructions: string[] = [];
  for (const message of request.messages) {
    if (message.role === 'user') transcript.user(message.content);
    else if (message.role === 'tool') transcript.result({ callId: message.tool_call_id, content: message.content });
    else if (message.role === 'assistant') {
      transcript.assistantText(message.content ?? '');
      for (const call of message.tool_calls ?? []) transcript.call({ id: call.id, ...call.function });
    } else instructions.push(message.content);
  }
  return {
    request,
    prompt: {
      model: request.model,
      instructions: instructions.join('\n'),
      messages: transcript.messages(),
      tools: (request.tools ?? []).map(({ function: { name, description, parameters } }) => ({
        name,
        description: description ?? '',
        parameters: parameters ?? {},
      })),
      toolChoice: toolChoice(request.tool_choice),
      outputSchema: outputSchema(request.response_format),
      maxTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    },
  };
}

function toolChoice(choice: ChatRequest['tool_choice']): ToolChoice {
  return typeof choice === 'object' && choice !== null ? { name: choice.function.name } : (choice ?? 'auto');
}

function outputSchema(format: ChatRequest['response_format']): Prompt['outputSchema'] {
  if (format?.type === 'json_schema') return format.json_schema.schema ?? {};
  return format?.type === 'json_object' ? {} : null;
}
