import { createSessionVerifier, type SessionVerifier } from '../../lib/auth/session.ts';
import { createAuth, type Auth } from '../../lib/auth/sign-in.ts';
import { createContext, type Context } from '../../lib/context.ts';
import { loadSettings } from '../../lib/settings.ts';

/**
 * Next bundles pages and API routes apart, each with its own copy of the domain and of its error classes. So each side
 * has a context of its own, and an error is always of a class that its side knows.
 */
const MAX_CONNECTIONS = 6;

let context: Context | undefined;
let sessions: SessionVerifier | undefined;
let auth: Auth | undefined;

/** The context of this side of the process, made at the first request and never during the build. */
export function getContext(): Context {
  context ??= createContext(loadSettings(), { name: 'web', maxConnections: MAX_CONNECTIONS });
  return context;
}

/** Verifies sessions, cached and invalidated like everywhere else. */
export function getSessions(): SessionVerifier {
  sessions ??= createSessionVerifier(getContext());
  return sessions;
}

/** Signing in and out. Only routes need it: pages cannot set cookies. */
export function getAuth(): Auth {
  auth ??= createAuth(getContext());
  return auth;
}
