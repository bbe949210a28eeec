import { APIError } from 'better-auth/api';
import type { Queryable } from '../db/database.ts';
import { type AppError, ForbiddenError } from '../errors.ts';

const REFUSALS = {
  account_disabled: () =>
    new ForbiddenError('account_disabled', 'Your account is disabled.', { next: 'Ask an admin of your team.' }),
  not_a_member: () =>
    new ForbiddenError('not_a_member', 'You are not a member of this team.', {
      next: 'Ask an admin of your team for an invitation.',
    }),
} as const;

type Refusal = keyof typeof REFUSALS;

/** Before a session is made: only people of ours who are not disabled get one. Fails closed. */
export async function refuseStrangers(on: Queryable, userId: string): Promise<void> {
  const refusal = await refusalTo(on, userId);
  if (refusal) throw new APIError('FORBIDDEN', { code: refusal, message: refusal });
}

/** After it was made, for who was disabled at that moment. Waits for whoever is doing that. Throws ForbiddenError. */
export async function requireMember(on: Queryable, userId: string): Promise<void> {
  const refusal = await refusalTo(on, userId);
  if (refusal) throw REFUSALS[refusal]();
}

async function refusalTo(on: Queryable, userId: string): Promise<Refusal | null> {
  const row = on.selectFrom('users').where('id', '=', userId).select('disabled_at').forShare();
  const user = await row.executeTakeFirst();
  if (!user) return 'not_a_member';
  return user.disabled_at ? 'account_disabled' : null;
}

/** The refusal that better-auth passed on, as our error. */
export function refusalOf(code: unknown): AppError | undefined {
  return code === 'account_disabled' || code === 'not_a_member' ? REFUSALS[code]() : undefined;
}
