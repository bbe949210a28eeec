import { createHmac } from 'node:crypto';
import type { Settings } from '../settings.ts';
import type { SandboxRow } from './state.ts';

/**
 * The token that the server on 4111 of this sandbox wants to see. It follows from the row and AUTH_SECRET, so that it is
 * stored nowhere, and changes with each new engine sandbox.
 */
export function serverToken(settings: Pick<Settings, 'authSecret'>, row: Pick<SandboxRow, 'id' | 'epoch'>): string {
  return createHmac('sha256', settings.authSecret).update(`server-token:${row.id}:${row.epoch}`).digest('hex');
}
