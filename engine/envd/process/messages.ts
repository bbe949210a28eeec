import * as z from 'zod/mini';

/** What the Process RPCs take (spec/envd/process/process.proto in e2b-dev/infra, as protobuf JSON). */
export const processConfig = z.object({
  cmd: z.string().check(z.minLength(1)),
  args: z._default(z.array(z.string()), []),
  envs: z._default(z.record(z.string(), z.string()), {}),
  cwd: z.optional(z.string()),
});

/** Columns and rows; what is left out is 0, as in protobuf. */
const size = z.object({ cols: z._default(z.uint32(), 0), rows: z._default(z.uint32(), 0) });
const pty = z.object({ size: z._default(size, { cols: 0, rows: 0 }) });

export const startRequest = z.object({
  process: processConfig,
  pty: z.optional(pty),
  tag: z.optional(z.string()),
  stdin: z.optional(z.boolean()),
});

const selector = z.object({ pid: z.optional(z.number()), tag: z.optional(z.string()) });
export const selectRequest = z.object({ process: selector });
export const updateRequest = z.object({ process: selector, pty: z.optional(pty) });

const input = z.object({ stdin: z.optional(z.base64()), pty: z.optional(z.base64()) });
export const inputRequest = z.object({
  process: selector,
  input,
});

export const streamInputRequest = z.object({
  start: z.optional(z.object({ process: selector })),
  data: z.optional(z.object({ input })),
  keepalive: z.optional(z.object({})),
});

/** Enums come by name or, as protobuf JSON allows, by number. */
export const signalRequest = z.object({
  process: selector,
  signal: z.union([z.string(), z.number()]),
});

export type ProcessConfig = z.infer<typeof processConfig>;
export type StartRequest = z.infer<typeof startRequest>;
export type Selector = z.infer<typeof selector>;

export type ProcessEnd = { exitCode: number; exited: boolean; status: string; error?: string };

/** Where output comes from. */
export type OutputName = 'stdout' | 'stderr' | 'pty';

export type ProcessInput = z.infer<typeof input>;

export type ProcessEvent =
  | { start: { pid: number } }
  | { data: Partial<Record<OutputName, string>> }
  | { end: ProcessEnd }
  | { keepalive: Record<string, never> };

/** What is sent when nothing else was for a while. */
export const KEEPALIVE: { event: ProcessEvent } = { event: { keepalive: {} } };
