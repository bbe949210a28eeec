import { createHmac } from 'node:crypto';
import type { Settings } from '../settings.ts';
import type { SandboxRow } from './state.ts';

/**
 * The token that the server on 4111 of this sandbox wants to see. It follows from the row and AUTH_SECRET, so that it is
 * stored nowhere, and changes with each new engine sandbox.
 */
export function serverToken(settings: Pick<Settings, 'authSecret'>, row: Pick<SandboxRow, 'id' | 'epoch'>): string {
  // A key of its own: what a sandbox is told must never be a signature that means something elsewhere.
  const key = createHmac('sha256', settings.authSecret).update('server tokens of sandboxes').digest();
  return createHmac('sha256', key).update(`${row.id}:${row.epoch}`).digest('hex');
}
