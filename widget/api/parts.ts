import * as z from 'zod/mini';
import { commitSchema, fileDiffSchema, sourceErrorSchema } from './shapes.ts';

/** The data parts of a turn (docs/chat-api.md, "Parts of a turn"). */
export const turnDataSchema = z.object({
  turnId: z.string(),
  tier: z.optional(z.string()),
  model: z.nullish(z.string()),
  demo: z.optional(z.boolean()),
  startedAt: z.string(),
  steps: z.optional(z.number()),
  costMicros: z.nullish(z.number()),
  verb: z.optional(z.string()),
  state: z.enum(['running', 'asking', 'done', 'stopped', 'failed']),
});

export const planSchema = z.object({
  items: z.array(z.object({ id: z.string(), text: z.string(), state: z.enum(['todo', 'doing', 'done']) })),
});

export const checkSchema = z.object({
  ok: z.boolean(),
  stages: z.array(
    z.object({
      stage: z.enum(['bundle', 'types', 'import']),
      state: z.enum(['running', 'ok', 'failed', 'skipped']),
      ms: z.nullish(z.number()),
      errors: z.array(sourceErrorSchema),
    }),
  ),
});

export const commitDataSchema = z.extend(commitSchema, {
  live: z.nullable(z.object({ ms: z.number(), revision: z.union([z.number(), z.string()]) })),
  open: z.nullable(z.object({ label: z.string(), path: z.string() })),
  undoable: z.boolean(),
});

export const questionSchema = z.object({
  id: z.string(),
  question: z.string(),
  options: z.array(z.string()),
  multiple: z.boolean(),
  state: z.enum(['open', 'answered', 'skipped']),
  answer: z.optional(z.array(z.string())),
});

export const envSchema = z.object({
  id: z.string(),
  variables: z.array(z.object({ name: z.string(), why: z.string(), secret: z.boolean() })),
  state: z.enum(['open', 'saved', 'skipped']),
  saved: z.optional(z.number()),
});

export const noticeSchema = z.object({
  kind: z.enum(['provider', 'rate_limit', 'budget', 'limit', 'stopped', 'resumed', 'error']),
  message: z.string(),
  next: z.optional(z.string()),
  retryAt: z.optional(z.string()),
});

export const toolPartSchema = z.object({
  type: z.string(),
  toolName: z.optional(z.string()),
  toolCallId: z.string(),
  state: z.string(),
  input: z.optional(z.unknown()),
  output: z.optional(z.unknown()),
  errorText: z.optional(z.string()),
  preliminary: z.optional(z.boolean()),
  resultProviderMetadata: z.optional(z.object({ shmastra: z.optional(z.object({ ms: z.optional(z.number()) })) })),
});

export const textPartSchema = z.object({ text: z.string(), state: z.optional(z.string()) });
export const filePartSchema = z.object({ url: z.string(), mediaType: z.string(), filename: z.optional(z.string()) });

export { fileDiffSchema };
export type TurnData = z.infer<typeof turnDataSchema>;
export type Plan = z.infer<typeof planSchema>;
export type Check = z.infer<typeof checkSchema>;
export type CommitData = z.infer<typeof commitDataSchema>;
export type Question = z.infer<typeof questionSchema>;
export type EnvRequest = z.infer<typeof envSchema>;
export type Notice = z.infer<typeof noticeSchema>;
export type ToolPart = z.infer<typeof toolPartSchema>;
