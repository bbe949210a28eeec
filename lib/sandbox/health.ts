import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Settings } from '../settings.ts';
import type { RunnerHealth, SandboxEngine } from './engine.ts';
import { sandboxUpstream } from './upstream.ts';

const replySchema = z.object({
  state: z.enum(['starting', 'ready', 'failed']),
  version: z.string().optional(),
  revision: z.union([z.string(), z.number()]).transform(String).optional(),
  error: z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]).optional(),
});

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 64 * 1024;
const MAX_ERROR = 500;

/** Asks `GET /health` on 4111. Null means: nothing there that answers as a runner does, whatever the cause. */
export function createHealthProbe(settings: Settings): SandboxEngine['health'] {
  const dispatcher = new Agent({
    connect: { timeout: TIMEOUT_MS },
    keepAliveTimeout: 1_000,
    maxResponseSize: MAX_BYTES,
  });
  return async (sandboxId, signal) => {
    const { origin, host } = sandboxUpstream(settings, sandboxId);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const reply = await request(`${origin}/health`, {
        dispatcher,
        headers: { host },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      });
      const body: unknown = await reply.body.json();
      return toHealth(body);
    } catch {
      signal?.throwIfAborted();
      return null;
    }
  };
}

function toHealth(body: unknown): RunnerHealth | null {
  const reply = replySchema.safeParse(body);
  if (!reply.success) return null;
  const { state, version, revision, error } = reply.data;
  return { state, version, revision, error: error?.slice(0, MAX_ERROR) };
}
