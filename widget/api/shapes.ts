import * as z from 'zod/mini';

/**
 * What the chat API answers (docs/chat-api.md). The other end is a person's own sandbox, where their code could answer in
 * the agent's place: nothing is taken for granted.
 */
export const tierSchema = z.object({
  id: z.enum(['fast', 'general', 'best', 'developer']),
  label: z.string(),
  model: z.nullable(z.string()),
});

export const infoSchema = z.object({
  api: z.number(),
  demo: z.boolean(),
  tiers: z.array(tierSchema),
  defaultTier: z.enum(['fast', 'general', 'best', 'developer']),
  limits: z.object({ promptCharacters: z.number(), attachmentBytes: z.number(), attachments: z.number() }),
});

export const sessionSchema = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  running: z.boolean(),
});

export const attachmentSchema = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  kind: z.enum(['image', 'text', 'document']),
  note: z.optional(z.string()),
});

export const commitSchema = z.object({
  hash: z.string(),
  message: z.string(),
  at: z.string(),
  files: z.number(),
  added: z.number(),
  removed: z.number(),
  kind: z.enum(['change', 'undo', 'redo', 'restore', 'import', 'edits']),
  by: z.enum(['agent', 'you']),
  sessionId: z.optional(z.string()),
});

export const fileDiffSchema = z.object({
  file: z.string(),
  added: z.number(),
  removed: z.number(),
  patch: z.string(),
  truncated: z.boolean(),
  binary: z.boolean(),
});

export const historySchema = z.object({
  commits: z.array(commitSchema),
  undo: z.nullable(commitSchema),
  redo: z.nullable(commitSchema),
  // An earlier sandbox names none of those before the newest.
  undone: z._default(z.array(z.string()), []),
  state: z.enum(['clean', 'changed', 'merging']),
});

const liveSchema = z.nullable(z.object({ ms: z.number(), revision: z.union([z.number(), z.string()]) }));
export const sourceErrorSchema = z.object({
  message: z.string(),
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  column: z.optional(z.number()),
});
/** What an undo, redo, restore or import came to. */
export const changeSchema = z.object({
  commit: commitSchema,
  live: z.nullish(liveSchema),
  error: z.optional(sourceErrorSchema),
  notes: z.optional(z.array(z.string())),
});

export const appSchema = z.object({ name: z.string(), title: z.string(), path: z.string(), updatedAt: z.string() });

export const agentEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('turn'),
    sessionId: z.string(),
    turnId: z.string(),
    state: z.enum(['started', 'asking', 'ended']),
    title: z.string(),
    outcome: z.optional(z.enum(['done', 'stopped', 'failed'])),
  }),
  z.object({ type: z.literal('history') }),
  z.object({ type: z.literal('sessions') }),
]);

/** Only what everything else relies on; parts are read one by one, by their own schemas. */
export const messageSchema = z.object({
  id: z.string(),
  role: z.enum(['system', 'user', 'assistant']),
  parts: z.array(z.looseObject({ type: z.string() })),
  metadata: z.optional(z.unknown()),
});

export type Tier = z.infer<typeof tierSchema>;
export type Info = z.infer<typeof infoSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type SourceError = z.infer<typeof sourceErrorSchema>;
export type Change = z.infer<typeof changeSchema>;
export type Commit = z.infer<typeof commitSchema>;
export type FileDiff = z.infer<typeof fileDiffSchema>;
export type History = z.infer<typeof historySchema>;
export type App = z.infer<typeof appSchema>;
export type AgentEvent = z.infer<typeof agentEventSchema>;
/** A UI message of the AI SDK, as far as it is believed. */
export type ChatMessage = z.infer<typeof messageSchema>;
export type MessagePart = ChatMessage['parts'][number];
