import { z } from 'zod';
import { parseWith } from '../errors.ts';
import { jsonSchemaSchema } from '../json-schema.ts';
import { createTranscript } from '../transcript.ts';
import type { Prompt, ToolChoice } from '../turn.ts';

const textOf = (blocks: readonly { text?: string | undefined }[]): string =>
  blocks
    .map(({ text }) => text ?? '')
    .filter((text) => text !== '')
    .join('\n');

/** A string or blocks, of which only texts are read. */
const text = z.union([
  z.string(),
  z.array(z.object({ type: z.string(), text: z.string().optional() })).transform(textOf),
]);

const READ = new Set(['text', 'tool_use', 'tool_result']);
const block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: text.optional(),
    is_error: z.boolean().nullish(),
  }),
  // Images, documents, thinking, tools that run at the provider.
  z.object({ type: z.string().refine((type) => !READ.has(type), 'is an incomplete block') }),
]);

const conversation = z.object({
  model: z.string().min(1).max(200),
  system: text.nullish(),
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant', 'system']),
        content: z.union([z.string(), z.array(block)], { error: 'must be a string or an array of content blocks' }),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.object({
        name: z.string().min(1),
        description: z.string().nullish(),
        // Tools that run at the provider have none.
        input_schema: jsonSchemaSchema.optional(),
      }),
    )
    .nullish(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.object({ type: z.enum(['auto', 'any', 'none']) }),
      z.object({ type: z.literal('tool'), name: z.string() }),
    ])
    .nullish(),
  output_config: z.looseObject({ format: format().nullish() }).nullish(),
  /** The name of the former beta. */
  output_format: format().nullish(),
});
const messages = conversation.extend({ max_tokens: z.number().int().min(1), stream: z.boolean().nullish() });
export type MessagesRequest = z.infer<typeof messages>;

function format() {
  return z.object({ type: z.literal('json_schema'), schema: jsonSchemaSchema });
}

/** @throws DemoModelError in a body that the Messages API would refuse too */
export function readMessages(body: unknown): { request: MessagesRequest; prompt: Prompt } {
  const request = parseWith(messages, body);
  return { request, prompt: toPrompt(request, request.max_tokens) };
}

/** Counting takes the same body without `max_tokens`. */
export function readCountTokens(body: unknown): Prompt {
  return toPrompt(parseWith(conversation, body), null);
}

function toPrompt(request: z.infer<typeof conversation>, maxTokens: number | null): Prompt {
  const transcript = createTranscript();
  const instructions = request.system ? [request.system] : [];
  for (const { role, content } of request.messages) {
    const blocks = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
    // What stands beside tool results is a remark of the client, not a new question.
    const answersTools = blocks.some((one) => 'tool_use_id' in one);
    const asked: string[] = [];
    for (const one of blocks) {
      if ('tool_use_id' in one) {
        transcript.result({ callId: one.tool_use_id, content: one.content ?? '', failed: one.is_error ?? false });
      } else if ('name' in one) {
        transcript.call({ id: one.id, name: one.name, arguments: JSON.stringify(one.input ?? {}) });
      } else if (!('text' in one)) continue;
      else if (role === 'assistant') transcript.assistantText(one.text);
      else if (role === 'system' || answersTools) instructions.push(one.text);
      else asked.push(one.text);
    }
    if (asked.length > 0) transcript.user(asked.join('\n'));
  }
  const schema = (request.output_config?.format ?? request.output_format)?.schema;
  return {
    model: request.model,
    instructions: instructions.join('\n'),
    messages: transcript.messages(),
    tools: (request.tools ?? []).flatMap(({ name, description, input_schema }) =>
      input_schema ? [{ name, description: description ?? '', parameters: input_schema }] : [],
    ),
    toolChoice: toolChoice(request.tool_choice),
    outputSchema: schema ?? null,
    maxTokens,
  };
}

function toolChoice(choice: MessagesRequest['tool_choice']): ToolChoice {
  if (choice?.type === 'tool') return { name: choice.name };
  return choice?.type === 'any' ? 'required' : (choice?.type ?? 'auto');
}
