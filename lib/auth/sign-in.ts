import { z } from 'zod';
import type { Context } from '../context.ts';
import { AppError, UnauthorizedError } from '../errors.ts';
import { type BetterAuth, createBetterAuth } from './auth.ts';
import { changePassword, type PasswordChange } from './change-password.ts';
import { passwordHashOf } from './credential.ts';
import { refusalOf } from './membership.ts';
import { createSignInLimits } from './sign-in-limits.ts';

export type SignInOptions = {
  email: string;
  password: string;
  /** Where the request comes from, as the front saw it. */
  address: string;
  userAgent?: string;
};

export type Auth = {
  /**
   * Checks the password and makes a session. Returns the `Set-Cookie` headers. Throws `wrong_credentials` (401),
   * `account_disabled` or `not_a_member` (403), `too_many_attempts` (429).
   */
  signIn(options: SignInOptions): Promise<{ cookies: string[] }>;
  /** Ends the session that the `Cookie` header proves, everywhere. Returns the headers that remove the cookie. */
  signOut(cookieHeader: string | null): Promise<{ cookies: string[] }>;
  /** Gives an older session its full time again. Returns `Set-Cookie` headers, often none. */
  refresh(cookieHeader: string | null): Promise<{ cookies: string[] }>;
  /** As `changePassword`, and signs the person in anew. Returns the `Set-Cookie` headers. */
  changePassword(change: PasswordChange & { userAgent?: string }): Promise<{ cookies: string[] }>;
  /** The library itself, for the providers of identity to come. */
  better: BetterAuth;
};

const replySchema = z.object({ code: z.string().optional(), message: z.string().optional() }).catch({});

/** Signing in and out, and changing the password with which one does. Heavy to load: only for the process that serves the sign-in page. */
export function createAuth(context: Context): Auth {
  const better = createBetterAuth(context);
  const limits = createSignInLimits(context);

  async function startSession(email: string, password: string, userAgent = ''): Promise<{ cookies: string[] }> {
    const before = await passwordHashOf(context, email);
    const headers = new Headers(userAgent ? { 'user-agent': userAgent.slice(0, 500) } : {});
    const reply = await better.api.signInEmail({ body: { email, password }, headers, asResponse: true });
    if (!reply.ok) throw await refused(reply);
    const cookies = reply.headers.getSetCookie();
    if ((await passwordHashOf(context, email)) !== before) {
      await signOut(cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; '));
      throw wrongCredentials();
    }
    return { cookies };
  }

  async function signOut(cookieHeader: string | null): Promise<{ cookies: string[] }> {
    const reply = await better.api.signOut({ headers: withCookie(cookieHeader), asResponse: true });
    return { cookies: reply.headers.getSetCookie() };
  }

  return {
    better,
    async signIn({ password, address, userAgent, ...given }) {
      const email = given.email.trim().toLowerCase();
      await limits.count(email, address);
      const started = await startSession(email, password, userAgent);
      await limits.succeed(email, address);
      return started;
    },
    async changePassword({ userAgent, ...change }) {
      await changePassword(context, limits, change);
      return startSession(change.session.email, change.password, userAgent);
    },
    signOut,
    async refresh(cookieHeader) {
      const reply = await better.api.getSession({ headers: withCookie(cookieHeader), asResponse: true });
      return { cookies: reply.headers.getSetCookie() };
    },
  };
}

function withCookie(cookieHeader: string | null): Headers {
  return new Headers(cookieHeader ? { cookie: cookieHeader } : {});
}

async function refused(reply: Response): Promise<AppError> {
  const { code } = replySchema.parse(await reply.json().catch(() => ({})));
  const refusal = refusalOf(code);
  if (refusal) return refusal;
  if (reply.status < 500) return wrongCredentials();
  return new AppError('sign_in_failed', 'Signing in did not work.', { next: 'Try again in a moment.' });
}

function wrongCredentials(): UnauthorizedError {
  return new UnauthorizedError('wrong_credentials', 'The e-mail address or the password is wrong.', {
    next: 'Check both. If you have lost it, ask an admin of your team for a password link.',
  });
}
