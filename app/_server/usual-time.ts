import type { Context } from '../../lib/context.ts';
import { usualProvisioningTime } from '../../lib/sandbox/usual-duration.ts';

const FRESH_MILLISECONDS = 60_000;

let known: { milliseconds: number | null; at: number } | undefined;

/**
 * The usual time of a set-up, from the last time it was looked up. A page never waits for it: what is stale is looked up
 * for the next visitor.
 */
export function usualTime(context: Context): number | null {
  const now = context.now().getTime();
  if (!known || now - known.at > FRESH_MILLISECONDS) {
    known = { milliseconds: known?.milliseconds ?? null, at: now };
    usualProvisioningTime(context).then(
      (milliseconds) => {
        known = { milliseconds, at: now };
      },
      (error: unknown) => context.log.debug({ err: error }, 'the usual time of a set-up is not known'),
    );
  }
  return known.milliseconds;
}
