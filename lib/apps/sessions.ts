import { hashToken } from '../auth/tokens.ts';
import { createCache } from '../cache.ts';
import type { Context } from '../context.ts';
import { readAppCookies } from './cookie.ts';
import { appsLabel } from './origin.ts';

export type AppSession = {
  userId: string;
  /** The row of the sandbox whose apps it is for. */
  sandbox: string;
  expiresAt: Date;
};

export type AppSessionVerifier = {
  /**
   * The session of this origin that the `Cookie` header proves, or null: none, ended, of another origin, or the one that
   * it was opened from has ended. Throws when Postgres is away and the answer is not known (any more).
   */
  verify(cookieHeader: string | undefined, label: string): Promise<AppSession | null>;
  close(): void;
};

const MAX_SESSIONS = 10_000;
const TTL_MS = 30_000;
const MISSING_TTL_MS = 2_000;

/** As the sessions of the control plane: through a cache that NOTIFY invalidates when one ends or a member is disabled. */
export function createAppSessionVerifier(context: Pick<Context, 'database' | 'settings' | 'now'>): AppSessionVerifier {
  const { database, settings } = context;
  const cache = createCache<AppSession>({
    max: MAX_SESSIONS,
    ttlMs: TTL_MS,
    missingTtlMs: MISSING_TTL_MS,
    groupOf: (session) => session.userId,
  });
  const unlisten = ['session_changed', 'user_changed'].map((channel) =>
    database.listen(channel, cache.invalidate, cache.clear),
  );

  async function load(hash: Buffer): Promise<AppSession | null> {
    const row = await database.db
      .selectFrom('app_sessions')
      .innerJoin('identity.session', 'identity.session.id', 'app_sessions.session')
      .innerJoin('users', 'users.id', 'app_sessions.user_id')
      .where('app_sessions.token_hash', '=', hash)
      .where('users.disabled_at', 'is', null)
      .select(['app_sessions.user_id', 'app_sessions.sandbox', 'app_sessions.expires_at'])
      .select('identity.session.expiresAt as sessionExpiresAt')
      .executeTakeFirst();
    if (!row) return null;
    const expiresAt = new Date(Math.min(row.expires_at.getTime(), row.sessionExpiresAt.getTime()));
    return { userId: row.user_id, sandbox: row.sandbox, expiresAt };
  }

  return {
    async verify(cookieHeader, label) {
      for (const token of readAppCookies(settings, cookieHeader)) {
        const hash = hashToken(token);
        const session = await cache.get(hash.toString('base64'), () => load(hash));
        const isLive = session !== null && session.expiresAt > context.now();
        if (isLive && appsLabel(settings, session.sandbox) === label) return session;
      }
      return null;
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}
