import * as z from 'zod/mini';

/** What the control plane says about a person's workspace, over the stream and in the answer of a poll. */
export const workspaceStatusSchema = z.object({
  status: z.enum(['provisioning', 'ready', 'healing', 'broken', 'paused']),
  /** The step that is under way. */
  phase: z.nullish(z.string()),
  /** When the status began, ISO 8601. */
  startedAt: z.string(),
  /** Counts from 1; 0 while nothing was tried yet. */
  attempt: z.number(),
  maxAttempts: z.nullish(z.number()),
  /** When the next attempt starts after one that failed, ISO 8601. */
  nextAttemptAt: z.nullish(z.string()),
  /** Place in the queue, from 1. */
  position: z.nullish(z.number()),
  /** The steps so far, oldest first. */
  steps: z.nullish(z.array(z.object({ phase: z.string(), startedAt: z.string(), endedAt: z.nullish(z.string()) }))),
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
