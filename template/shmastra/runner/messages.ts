import * as z from 'zod/mini';

/** What the runner tells the app process. */
export type ToApp =
  /** Modules to load ahead of the first version, so that it starts faster. */
  | { type: 'preload'; file: string }
  /** The sandbox's environment; comes before the first `load`. */
  | { type: 'configure'; environment: Record<string, string> }
  | { type: 'load'; id: number; file: string }
  /** The version that is live may start what runs without requests; `recover` resumes interrupted workflow runs. */
  | { type: 'start'; recover: boolean }
  | { type: 'ping' }
  /** What has begun may go on for so long. */
  | { type: 'stop'; graceMs: number };

const sourceError = z.object({
  message: z.string(),
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  column: z.optional(z.number()),
});

// The app process also runs the project's code, which could send anything.
const fromApp = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening') }),
  /** Mastra is loaded. */
  z.object({ type: z.literal('warm') }),
  z.object({ type: z.literal('preloaded') }),
  z.object({ type: z.literal('loaded'), id: z.number() }),
  z.object({ type: z.literal('load-failed'), id: z.number(), error: sourceError }),
  z.object({ type: z.literal('restart-needed'), id: z.number(), reason: z.string() }),
  /** An exception that nobody caught ends the process. */
  z.object({ type: z.literal('crashed'), error: sourceError }),
  z.object({ type: z.literal('pong') }),
]);

/** What the app process tells the runner. */
export type FromApp = z.infer<typeof fromApp>;

/** A message of the app process, or undefined for one that isn't ours. */
export function parseFromApp(message: unknown): FromApp | undefined {
  const parsed = fromApp.safeParse(message);
  return parsed.success ? parsed.data : undefined;
}
