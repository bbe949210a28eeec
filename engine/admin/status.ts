import { z } from 'zod';

/** What `engine status` shows of a running engine. */
export const EngineStatus = z.object({
  version: z.string(),
  pid: z.number(),
  instance: z.string(),
  /** Unix ms. */
  startedAt: z.number(),
  host: z.string(),
  port: z.number(),
  domain: z.string(),
  dataDir: z.string(),
  state: z.enum(['ready', 'full', 'stopping']),
  /** Why nothing new can start, when it cannot. */
  reason: z.string().optional(),
  sandboxes: z.record(z.string(), z.number()),
  spares: z.number(),
  building: z.boolean(),
  memoryAvailable: z.number(),
  diskFree: z.number(),
});
export type EngineStatus = z.infer<typeof EngineStatus>;
