import * as z from 'zod/mini';
import type { Fetch } from './client.ts';

const READ_MS = 20_000;

const viewerSchema = z.object({ admin: z.boolean() });

/** Whether the person is an admin, as the control plane says, whatever the workspace does. Throws when it does not. */
export async function readAdmin(fetch: Fetch): Promise<boolean> {
  const answer = await fetch('/api/workspace/info', { method: 'GET', signal: AbortSignal.timeout(READ_MS) });
  if (!answer.ok) throw new Error(`info answers ${answer.status}`);
  return viewerSchema.parse(await answer.json()).admin;
}
