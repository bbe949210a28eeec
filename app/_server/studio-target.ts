import { safeReturnTo } from '../../lib/auth/return-to.ts';

const HOME = '/studio/agents';

/** The page of Studio to open: the one that was asked for, or the list of agents. Never anything but Studio. */
export function studioTarget(returnTo: string | undefined): string {
  const path = safeReturnTo(returnTo, HOME);
  return /^\/studio(?:[/?#]|$)/.test(path) ? path : HOME;
}
