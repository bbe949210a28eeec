import { z } from 'zod';

export const PruneRequest = z.object({
  /** Image layers, toolboxes, template layers and caches that nothing stands on, too. */
  images: z.boolean().default(false),
  /** Layers of an image cache that lies outside the data folder, where other engines may stand on them. */
  shared: z.boolean().default(false),
  /** Says what would go and removes nothing. */
  dryRun: z.boolean().default(true),
});
export type PruneRequest = z.infer<typeof PruneRequest>;

export const PruneItems = z.array(
  z.object({ what: z.string(), path: z.string(), bytes: z.number(), note: z.string().optional() }),
);
