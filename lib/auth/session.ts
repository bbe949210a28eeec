import { createHmac, timingSafeEqual } from 'node:crypto';
import { createCache } from '../cache.ts';
import type { Context } from '../context.ts';
import { sessionCookieName } from './cookie.ts';

export type Session = {
  id: string;
  userId: string;
  email: string;
  name: string;
  role: 'member' | 'admin';
  expiresAt: Date;
};

export type SessionVerifier = {
  /**
   * The session that the `Cookie` header proves, or null: no cookie, wrong signature, expired, signed out, disabled or
   * not a member. Throws when Postgres is away and the answer is not known (any more).
   */
  verifySession(cookieHeader: string | null | undefined): Promise<Session | null>;
  close(): void;
};

const MAX_SESSIONS = 10_000;
const TTL_MS = 30_000;
const MISSING_TTL_MS = 2_000;
const MAX_COOKIE_HEADER = 16_384;

/**
 * Verifies sessions on hot paths: the signature first, then the database through a cache that NOTIFY invalidates at
 * once, and that believes nothing for longer than 30 seconds.
 */
export function createSessionVerifier(context: Pick<Context, 'database' | 'settings' | 'now'>): SessionVerifier {
  const { database, settings } = context;
  const name = sessionCookieName(settings);
  const cache = createCache<Session>({
    max: MAX_SESSIONS,
    ttlMs: TTL_MS,
    missingTtlMs: MISSING_TTL_MS,
    groupOf: (session) => session.userId,
  });
  const unlisten = ['session_changed', 'user_changed'].map((channel) =>
    database.listen(channel, cache.invalidate, cache.clear),
  );

  async function load(token: string): Promise<Session | null> {
    const row = await database.db
      .selectFrom('identity.session')
      .innerJoin('users', 'users.id', 'identity.session.userId')
      .where('identity.session.token', '=', token)
      .where('users.disabled_at', 'is', null)
      .select(['users.id', 'users.email', 'users.name', 'users.role'])
      .select(['identity.session.id as session', 'identity.session.expiresAt'])
      .executeTakeFirst();
    if (!row) return null;
    const { id: userId, email, name, role, expiresAt } = row;
    return { id: row.session, userId, email, name, role, expiresAt };
  }

  return {
    async verifySession(cookieHeader) {
      const token = signedToken(cookieHeader, name, settings.authSecret);
      if (!token) return null;
      const session = await cache.get(token, () => load(token));
      return session && session.expiresAt > context.now() ? session : null;
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}

/** The token of a cookie `name=<token>.<signature>` if better-auth signed it with our secret. */
function signedToken(header: string | null | undefined, name: string, secret: string): string | null {
  if (!header || header.length > MAX_COOKIE_HEADER) return null;
  const part = header.split(';').find((pair) => pair.trimStart().startsWith(`${name}=`));
  const raw = part?.slice(part.indexOf('=') + 1).trim();
  if (!raw) return null;
  const value = decoded(raw);
  const dot = value?.lastIndexOf('.') ?? -1;
  if (!value || dot < 1) return null;
  const token = value.slice(0, dot);
  const given = Buffer.from(value.slice(dot + 1));
  const expected = Buffer.from(createHmac('sha256', secret).update(token).digest('base64'));
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
