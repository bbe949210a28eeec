import type { Context } from '../context.ts';
import { type BetterAuth, createBetterAuth } from './auth.ts';
import { changePassword, type PasswordChange } from './change-password.ts';
import { createSignInLimits } from './sign-in-limits.ts';
import { startSession } from './start-session.ts';

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
  /** As `changePassword`, with a session that takes the place of the one that asked. Returns its `Set-Cookie` headers. */
  changePassword(change: PasswordChange): Promise<{ cookies: string[] }>;
  /** The library itself, for the providers of identity to come. */
  better: BetterAuth;
};

/** Signing in and out, and changing the password with which one does. Heavy to load: only for the process that serves the sign-in page. */
export function createAuth(context: Context): Auth {
  const better = createBetterAuth(context);
  const limits = createSignInLimits(context);
  const start = (given: Parameters<typeof startSession>[2]) => startSession(context, better, given);
  return {
    better,
    async signIn({ address, ...given }) {
      const email = given.email.trim().toLowerCase();
      await limits.count(email, address);
      const { cookies } = await start({ ...given, email });
      await limits.succeed(email, address);
      return { cookies };
    },
    changePassword: (change) => changePassword(context, { limits, start }, change),
    async signOut(cookieHeader) {
      const reply = await better.api.signOut({ headers: withCookie(cookieHeader), asResponse: true });
      return { cookies: reply.headers.getSetCookie() };
    },
    async refresh(cookieHeader) {
      const reply = await better.api.getSession({ headers: withCookie(cookieHeader), asResponse: true });
      // For a session that is gone the library takes the cookie away. The browser may have got another one meanwhile.
      return { cookies: (await reply.json()) === null ? [] : reply.headers.getSetCookie() };
    },
  };
}

function withCookie(cookieHeader: string | null): Headers {
  return new Headers(cookieHeader ? { cookie: cookieHeader } : {});
}
