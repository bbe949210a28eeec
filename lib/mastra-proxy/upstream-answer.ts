import type { HeaderBag } from './request-headers.ts';

/** What the engine's proxy says about a sandbox when it answers instead of the sandbox's server. */
export type EngineVerdict = 'not_found' | 'port_closed' | 'broken_off';

/** Longest body of the engine's answer that is read to understand it. Bytes. */
export const ENGINE_ANSWER_LIMIT = 4096;

/**
 * A 502 with a small JSON body may come from the engine: `{sandboxId, message, code: 502}`, with `port` when the sandbox
 * runs but nothing listens, or the server there hung up (reference: E2B's sandbox proxy). A sandbox's own 502 names another id or has another shape.
 */
export function mayBeEngineAnswer(status: number, headers: HeaderBag): boolean {
  if (status !== 502) return false;
  const type = headers['content-type'];
  if (typeof type !== 'string' || !type.startsWith('application/json')) return false;
  const length = Number(headers['content-length'] ?? Number.NaN);
  return Number.isNaN(length) || length <= ENGINE_ANSWER_LIMIT;
}

export function readEngineAnswer(body: string, sandboxId: string): EngineVerdict | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const answer = value as { sandboxId?: unknown; code?: unknown; port?: unknown; message?: unknown };
  if (answer.sandboxId !== sandboxId || answer.code !== 502) return null;
  if (answer.port === undefined) return 'not_found';
  return typeof answer.message === 'string' && answer.message.includes('not open') ? 'port_closed' : 'broken_off';
}
