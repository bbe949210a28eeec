import * as z from 'zod/mini';

/** What the control plane says about a person's workspace, over the stream and in the answer of a poll. */
export const workspaceStatusSchema = z.object({
  status: z.enum(['provisioning', 'ready', 'healing', 'broken', 'paused']),
  /** The step that is under way. */
  phase: z.nullish(z.string()),
  /** When the status began, ISO 8601. */
  startedAt: z.string(),
  /** Attempts begun so far; 0 while nothing was tried yet. */
  attempt: z.number(),
  maxAttempts: z.nullish(z.number()),
  /** After an attempt failed: when the next one begins, ISO 8601. */
  nextAttemptAt: z.nullish(z.string()),
  /** Place in the queue: 1 is next. */
  position: z.nullish(z.number()),
  /** The phases in their order, with the moments in which they began. */
  steps: z.nullish(
    z.array(
      z.object({ id: z.string(), state: z.enum(['done', 'active', 'waiting']), startedAt: z.nullish(z.string()) }),
    ),
  ),
  /** An earlier machine was ready once and is gone. */
  lost: z.nullish(z.boolean()),
  error: z.nullish(z.object({ code: z.string(), message: z.string(), next: z.nullish(z.string()) })),
});

export type WorkspaceStatus = z.infer<typeof workspaceStatusSchema>;

/** A status message as text, or null when it is none: an unknown message must not end the page. */
export function parseWorkspaceStatus(text: string): WorkspaceStatus | null {
  try {
    const parsed = workspaceStatusSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
