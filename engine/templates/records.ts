import { z } from 'zod';

/** What steps leave beside files: the environment, user and folder of the commands that follow. */
export const settingsSchema = z.object({
  env: z.record(z.string(), z.string()),
  user: z.string(),
  workdir: z.string().optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** `image:<folder in the image cache>` or `layer:<folder in the layer store>`, so that a data folder can be moved. */
const layerRef = z.string().regex(/^(image|layer):[a-z0-9._-]+$/);

export const resultSchema = z.object({
  layers: z.array(layerRef),
  settings: settingsSchema,
  startCmd: z.string().optional(),
  readyCmd: z.string().optional(),
});
export type BuildResult = z.infer<typeof resultSchema>;

export const reasonSchema = z.object({ message: z.string(), step: z.string().optional() });
export type Reason = z.infer<typeof reasonSchema>;

export const buildSchema = z.object({
  buildID: z.string(),
  templateID: z.string(),
  tags: z.array(z.string()),
  status: z.enum(['waiting', 'building', 'ready', 'error']),
  cpuCount: z.number(),
  memoryMb: z.number(),
  createdAt: z.string(),
  finishedAt: z.string().optional(),
  reason: reasonSchema.optional(),
  result: resultSchema.optional(),
});
export type Build = z.infer<typeof buildSchema>;

const tagSchema = z.object({ buildID: z.string(), createdAt: z.string() });

/** Tags were kept as they were written once; of two that are one now the newer counts. */
function inLowerCase(tags: Record<string, z.infer<typeof tagSchema>>): Record<string, z.infer<typeof tagSchema>> {
  const oldestFirst = Object.entries(tags).toSorted(([, a], [, b]) => a.createdAt.localeCompare(b.createdAt));
  return Object.fromEntries(oldestFirst.map(([tag, entry]) => [tag.toLowerCase(), entry]));
}

export const templateSchema = z.object({
  templateID: z.string(),
  /** Of a snapshot that was given no name: its id. */
  name: z.string(),
  /** The sandbox that it was made from; ordinary templates have none. */
  snapshotOf: z.string().optional(),
  createdAt: z.string(),
  /** Whether its users may show it to others: told back, without effect on one box. */
  public: z.boolean().optional(),
  tags: z.record(z.string(), tagSchema).transform(inLowerCase),
});
export type Template = z.infer<typeof templateSchema>;
