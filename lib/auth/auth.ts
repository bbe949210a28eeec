import { betterAuth } from 'better-auth';
import type { Context } from '../context.ts';
import { cookiePrefix, usesSecureCookies } from './cookie.ts';
import { refuseStrangers } from './membership.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password.ts';

export const SESSION_SECONDS = 7 * 24 * 3600;
/** A session that is older than this when it is refreshed gets its full time again. */
const REFRESH_AFTER_SECONDS = 24 * 3600;

/**
 * better-auth, as the keeper of sessions and passwords. Its own routes are not mounted: accounts are made by set-up and
 * invitations alone, and signing in goes through `signIn`, which also limits the rate.
 */
export function createBetterAuth(context: Context) {
  const { settings, database, log } = context;
  return betterAuth({
    appName: 'Shmastra Cloud',
    baseURL: settings.publicUrl,
    basePath: '/api/auth',
    secret: settings.authSecret,
    trustedOrigins: [settings.publicUrl],
    database: { db: database.db.withSchema('identity'), type: 'postgres' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: MAX_PASSWORD_LENGTH,
    },
    session: { expiresIn: SESSION_SECONDS, updateAge: REFRESH_AFTER_SECONDS },
    databaseHooks: { session: { create: { before: (session) => refuseStrangers(database.db, session.userId) } } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      log: (level, message) => {
        if (level === 'error') log.error({ part: 'better-auth' }, message);
        else log.debug({ part: 'better-auth' }, message);
      },
    },
    advanced: {
      cookiePrefix: cookiePrefix(settings),
      // Would put its own prefix before ours; the attribute is set below.
      useSecureCookies: false,
      database: { generateId: 'uuid' },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: usesSecureCookies(settings) },
    },
  });
}

export type BetterAuth = ReturnType<typeof createBetterAuth>;
