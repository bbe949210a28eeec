import * as z from 'zod/mini';
import type { Fetch } from './client.ts';

const READ_MS = 20_000;

/** How the person's budget stands: the one that ends first. Micro-dollars. */
const usageSchema = z.object({
  spentMicros: z.number(),
  /** Null: nobody limits it. */
  limitMicros: z.nullable(z.number()),
  resetsAt: z.string(),
  /** `warning` from a share on that the admin sets, 80% by default. */
  state: z.enum(['ok', 'warning', 'spent']),
});
export type Usage = z.infer<typeof usageSchema>;

/** Asks the control plane, which answers whatever the workspace does. Throws when it does not. */
export async function readUsage(fetch: Fetch): Promise<Usage> {
  const answer = await fetch('/api/usage/me', { method: 'GET', signal: AbortSignal.timeout(READ_MS) });
  if (!answer.ok) throw new Error(`usage answers ${answer.status}`);
  return usageSchema.parse(await answer.json());
}
