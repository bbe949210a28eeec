import { createHash, timingSafeEqual } from 'node:crypto';
import type { Sandbox } from '../sandboxes/sandbox.ts';

/**
 * A signed file URL carries no sandbox id when all sandboxes share one origin: it belongs to the sandbox whose token
 * gives that signature. envd checks it again, with its expiry.
 */
export function findSignedSandbox(method: string, url: URL, sandboxes: Iterable<Sandbox>): Sandbox | null {
  const signature = url.searchParams.get('signature');
  if (url.pathname !== '/files' || signature === null) return null;
  const path = url.searchParams.get('path') ?? '';
  const user = url.searchParams.get('username') ?? '';
  const expiration = url.searchParams.get('signature_expiration');
  const operation = method === 'POST' ? 'write' : 'read';
  for (const sandbox of sandboxes) {
    const parts = [path, operation, user, sandbox.record.envdToken, ...(expiration === null ? [] : [expiration])];
    const expected = `v1_${createHash('sha256').update(parts.join(':')).digest('base64').replace(/=+$/, '')}`;
    if (sameText(expected, signature)) return sandbox;
  }
  return null;
}

export function sameText(left: string, right: string): boolean {
  const a = createHash('sha256').update(left).digest();
  const b = createHash('sha256').update(right).digest();
  return timingSafeEqual(a, b);
}
