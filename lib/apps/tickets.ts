import { sql, type Transaction } from 'kysely';
import { hashToken, newToken } from '../auth/tokens.ts';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import type { DB } from '../db/schema.ts';
import { AppError, InvalidInputError, UnauthorizedError, UnavailableError } from '../errors.ts';
import { appsAreReachable, appsLabel, appsOrigin } from './origin.ts';
import { appPath, ENTER_PATH, isAppName } from './path.ts';

/** A ticket is used by the navigation that follows; this is for slow ones. */
const TICKET_SECONDS = 60;
/** Tickets of one person that are not used yet. */
const MAX_TICKETS = 20;
/** A session of an apps' origin lasts a working day; opening the app again is one click. */
export const APP_SESSION_SECONDS = 12 * 3600;
/** Sessions of one person's apps; the oldest end when there are more. Each entry makes one, also in the same browser. */
const MAX_SESSIONS = 50;

export type OpenApp = {
  userId: string;
  /** The session that the person asks with; the app is closed when it ends. */
  session: string;
  /** The row of the person's own sandbox. */
  sandbox: string;
  name: string;
};

/**
 * The address at which the person's browser enters an app, good once and for a minute. Throws `invalid_app_name`,
 * `apps_not_reachable`, `too_many_tickets`, or `not_signed_in` when the session has ended meanwhile.
 */
export async function openApp(
  context: Pick<Context, 'database' | 'settings' | 'randomBytes'>,
  { userId, session, sandbox, name }: OpenApp,
): Promise<string> {
  const { settings, database } = context;
  if (!isAppName(name)) throw new InvalidInputError('invalid_app_name', 'There is no app of this name.');
  if (!appsAreReachable(settings)) {
    throw new UnavailableError('apps_not_reachable', 'Apps have no address on this installation yet.', {
      next: 'An admin has to set APPS_DOMAIN to a domain whose names lead here.',
    });
  }
  const { token, hash } = newToken(context);
  await database.db.transaction().execute(async (trx) => {
    if (!(await lockSession(trx, session))) throw new UnauthorizedError();
    const own = trx.deleteFrom('app_tickets').where('user_id', '=', userId);
    await own.where('expires_at', '<=', databaseNow).execute();
    const { count } = await trx
      .selectFrom('app_tickets')
      .where('user_id', '=', userId)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MAX_TICKETS) throw tooManyTickets();
    const expires = sql<Date>`clock_timestamp() + ${TICKET_SECONDS} * interval '1 second'`;
    await trx
      .insertInto('app_tickets')
      .values({ token_hash: hash, user_id: userId, sandbox, session, app: name, expires_at: expires })
      .execute();
  });
  return `${appsOrigin(settings, appsLabel(settings, sandbox))}${ENTER_PATH}?ticket=${token}`;
}

function tooManyTickets(): AppError {
  return new AppError('too_many_tickets', 'Too many apps were opened within a minute.', {
    status: 429,
    retryAfterSeconds: TICKET_SECONDS,
  });
}

export type EnteredApp = {
  /** Where in the origin the app is. */
  path: string;
  /** Proves the session of this origin from now on. */
  token: string;
};

/**
 * Uses up a ticket and makes a session of the origin that it is for. Null when it is unknown, used, too old, for another
 * origin, or when the session that it was asked for with has ended.
 */
export async function enterApp(
  context: Pick<Context, 'database' | 'settings' | 'randomBytes'>,
  { ticket, label }: { ticket: string; label: string },
): Promise<EnteredApp | null> {
  if (!/^[\w-]{43}$/.test(ticket)) return null;
  const { token, hash } = newToken(context);
  return context.database.db.transaction().execute(async (trx) => {
    const asked = trx.selectFrom('app_tickets').where('token_hash', '=', hashToken(ticket)).select('session');
    const known = await asked.executeTakeFirst();
    if (!known || !(await lockSession(trx, known.session))) return null;
    // The row is deleted by one of those who come at the same time; the others wait and find nothing.
    const used = await trx
      .deleteFrom('app_tickets')
      .where('token_hash', '=', hashToken(ticket))
      .returning(['user_id', 'sandbox', 'session', 'app', sql<boolean>`expires_at > clock_timestamp()`.as('fresh')])
      .executeTakeFirst();
    if (!used?.fresh || appsLabel(context.settings, used.sandbox) !== label) return null;
    const alive = await trx
      .selectFrom('identity.session')
      .innerJoin('users', 'users.id', 'identity.session.userId')
      .where('identity.session.id', '=', used.session)
      .where('identity.session.expiresAt', '>', databaseNow)
      .where('users.disabled_at', 'is', null)
      .select('users.id')
      .executeTakeFirst();
    if (alive?.id !== used.user_id) return null;
    await endOldSessions(trx, used.user_id);
    const expires = sql<Date>`clock_timestamp() + ${APP_SESSION_SECONDS} * interval '1 second'`;
    const { user_id, sandbox, session } = used;
    await trx
      .insertInto('app_sessions')
      .values({ token_hash: hash, user_id, sandbox, session, expires_at: expires })
      .execute();
    return { path: appPath(used.app), token };
  });
}

/**
 * Keeps the session from ending before the transaction does; false when it has ended. Its end takes tickets and apps'
 * sessions with it: who changes those first and then points at the session would wait for its end, and it for them.
 */
async function lockSession(trx: Transaction<DB>, session: string): Promise<boolean> {
  const row = await trx
    .selectFrom('identity.session')
    .where('id', '=', session)
    .select('id')
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

async function endOldSessions(trx: Transaction<DB>, userId: string): Promise<void> {
  const newest = trx
    .selectFrom('app_sessions')
    .where('user_id', '=', userId)
    .where('expires_at', '>', databaseNow)
    .orderBy('created_at', 'desc')
    .limit(MAX_SESSIONS - 1)
    .select('token_hash');
  const own = trx.deleteFrom('app_sessions').where('user_id', '=', userId);
  await own.where('token_hash', 'not in', newest).execute();
}
