import { z } from 'zod';
import { DemoModelError, parseWith } from '../errors.ts';
import { jsonSchemaSchema } from '../json-schema.ts';
import { createTranscript } from '../transcript.ts';
import type { Prompt, ToolChoice } from '../turn.ts';
import { contentSchema, modelName, tokenLimit } from './content.ts';

const READ = new Set(['message', 'function_call', 'function_call_output']);
const message = z.object({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: contentSchema,
});
const call = z.object({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const output = z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: contentSchema });
/**
 * Reasoning, references to stored items, and what other tools left. Nothing is stored here, so references lead nowhere;
 * refusing them would break the conversations that clients keep.
 */
const other = z.object({ type: z.string().refine((type) => !READ.has(type), 'is an incomplete item') });

const schema = z.object({
  model: modelName,
  input: z.union([z.string(), z.array(z.union([message, call, output, other]))], {
    error: 'must be a string or an array of input items',
  }),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: tokenLimit,
  previous_response_id: z.string().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string(), name: z.string().optional() })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).nullish() }).nullish(),
});
export type ResponsesRequest = z.infer<typeof schema>;

const functionTool = z.object({
  type: z.literal('function'),
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: jsonSchemaSchema.nullish(),
});
const jsonFormat = z.object({ type: z.enum(['json_schema', 'json_object']), schema: jsonSchemaSchema.optional() });

/** @throws DemoModelError in a body that the Responses API would refuse too */
export function readResponses(body: unknown): { request: ResponsesRequest; prompt: Prompt } {
  const request = parseWith(schema, body);
  if (request.previous_response_id != null) {
    const reason = 'The demo model keeps no responses. Send the whole conversation as input.';
    throw new DemoModelError(400, 'previous_response_not_found', reason, 'previous_response_id');
  }
  const transcript = createTranscript();
  const instructions = request.instructions ? [request.instructions] : [];
  const items = typeof request.input === 'string' ? [userMessage(request.input)] : request.input;
  for (const item of items) {
    if ('output' in item) transcript.result({ callId: item.call_id, content: item.output });
    else if ('call_id' in item) transcript.call({ id: item.call_id, name: item.name, arguments: item.arguments });
    else if (!('role' in item)) continue;
    else if (item.role === 'user') transcript.user(item.content);
    else if (item.role === 'assistant') transcript.assistantText(item.content);
    else instructions.push(item.content);
  }
  const format = jsonFormat.safeParse(request.text?.format);
  return {
    request,
    prompt: {
      model: request.model,
      instructions: instructions.join('\n'),
      messages: transcript.messages(),
      tools: (request.tools ?? [])
        .filter((tool) => tool.type === 'function')
        .map((tool) => parseWith(functionTool, tool))
        .map(({ name, description, parameters }) => ({
          name,
          description: description ?? '',
          parameters: parameters ?? {},
        })),
      toolChoice: toolChoice(request.tool_choice),
      outputSchema: format.success ? (format.data.schema ?? {}) : null,
      maxTokens: request.max_output_tokens ?? null,
    },
  };
}

const userMessage = (content: string) => ({ role: 'user' as const, content });

function toolChoice(choice: ResponsesRequest['tool_choice']): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  if (typeof choice === 'object' && choice?.type === 'function' && choice.name) return { name: choice.name };
  return 'auto';
}
