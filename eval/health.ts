import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Workspace } from './workspace.ts';

const healthSchema = z.object({
  state: z.string(),
  revision: z.number().optional(),
  error: z.unknown().optional(),
});
export type Health = z.infer<typeof healthSchema>;

const POLL_MS = 50;
const LIMIT_MS = 30_000;

/** Works: it serves, and what is on disk is what serves. */
export const isHealthy = ({ state, error }: Health): boolean => state === 'ready' && error == null;

/** Polls until the health of the project's server is as wanted. */
export async function untilHealth(workspace: Workspace, wanted: (health: Health) => boolean): Promise<Health> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const last = await health(workspace).catch((error: unknown) => String(error));
    if (typeof last !== 'string' && wanted(last)) return last;
    if (performance.now() > deadline) throw new Error(`the server did not get there: ${JSON.stringify(last)}`);
    await sleep(POLL_MS);
  }
}

/** Also a server that serves nothing yet says how it is. */
async function health(workspace: Workspace): Promise<Health> {
  const response = await workspace.call('/health');
  return healthSchema.parse(await response.json());
}
