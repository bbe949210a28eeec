import { audit } from '../../audit.ts';
import type { Context } from '../../context.ts';
import type { Role } from '../../auth/invitations.ts';
import { type Admin, requireUser } from './budgets.ts';

/** Null: that of the settings. */
export type UserLimits = {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  parallelRequests: number | null;
  models: string[] | null;
};

const NONE: UserLimits = { requestsPerMinute: null, tokensPerMinute: null, parallelRequests: null, models: null };

/** The limits of a user's own. */
export async function readLimits({ database }: Pick<Context, 'database'>, userId: string): Promise<UserLimits> {
  await requireUser(database.db, userId);
  const row = await database.db.selectFrom('usage_limits').where('user_id', '=', userId).selectAll().executeTakeFirst();
  if (!row) return NONE;
  return {
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    parallelRequests: row.parallel_requests,
    models: row.models,
  };
}

/** Sets them, in force on every instance within a second. Throws `member_not_found`. */
export async function setLimits(
  { database }: Pick<Context, 'database'>,
  userId: string,
  limits: UserLimits,
  by: Admin,
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    await requireUser(trx, userId);
    const set = {
      requests_per_minute: limits.requestsPerMinute,
      tokens_per_minute: limits.tokensPerMinute,
      parallel_requests: limits.parallelRequests,
      models: limits.models,
    };
    await trx
      .insertInto('usage_limits')
      .values({ user_id: userId, ...set })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(set))
      .execute();
    await audit(trx, {
      actor: { kind: 'admin', id: by.id },
      action: 'limits.set',
      target: { kind: 'user', id: userId },
      details: { ...limits },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
  });
}

/** Which models the people of a role may use; null: those of the settings. */
export async function setRoleModels(
  { database }: Pick<Context, 'database'>,
  role: Role,
  models: string[] | null,
  by: Admin,
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    if (models === null) await trx.deleteFrom('role_models').where('role', '=', role).execute();
    else {
      await trx
        .insertInto('role_models')
        .values({ role, models })
        .onConflict((conflict) => conflict.column('role').doUpdateSet({ models }))
        .execute();
    }
    await audit(trx, {
      actor: { kind: 'admin', id: by.id },
      action: 'models.set',
      target: { kind: 'role', id: role },
      details: { models },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
  });
}
