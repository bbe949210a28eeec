import { z } from 'zod';
import type { Context } from '../context.ts';
import { AppError, UnauthorizedError } from '../errors.ts';
import type { BetterAuth } from './auth.ts';
import { passwordHashOf } from './credential.ts';
import { LOST_PASSWORD_NEXT } from './lost-password.ts';
import { refusalOf, requireMember } from './membership.ts';

export type StartedSession = {
  token: string;
  /** `Set-Cookie` headers. */
  cookies: string[];
  /** Takes the session back, for who has not handed it out. */
  end(): Promise<void>;
};

const startedSchema = z.object({ token: z.string(), user: z.object({ id: z.string() }) });
const refusedSchema = z.object({ code: z.string().optional(), message: z.string().optional() }).catch({});

/**
 * Checks the password and makes a session, none for a password that is replaced or a member who is disabled at that
 * moment. Throws as signIn does, but for the limits, which are the caller's.
 */
export async function startSession(
  context: Pick<Context, 'database'>,
  better: BetterAuth,
  { email, password, userAgent }: { email: string; password: string; userAgent?: string | undefined },
): Promise<StartedSession> {
  const before = await passwordHashOf(context, email);
  const headers = new Headers(userAgent ? { 'user-agent': userAgent.slice(0, 500) } : {});
  const reply = await better.api.signInEmail({ body: { email, password }, headers, asResponse: true });
  if (!reply.ok) throw await refused(reply);
  const { token, user } = startedSchema.parse(await reply.json());
  const end = async () => {
    await context.database.db.deleteFrom('identity.session').where('token', '=', token).execute();
  };
  try {
    if ((await passwordHashOf(context, email)) !== before) throw wrongCredentials();
    await requireMember(context.database.db, user.id);
  } catch (error) {
    await end();
    throw error;
  }
  return { token, cookies: reply.headers.getSetCookie(), end };
}

async function refused(reply: Response): Promise<AppError> {
  const { code } = refusedSchema.parse(await reply.json().catch(() => ({})));
  const refusal = refusalOf(code);
  if (refusal) return refusal;
  if (reply.status < 500) return wrongCredentials();
  return new AppError('sign_in_failed', 'Signing in did not work.', { next: 'Try again in a moment.' });
}

function wrongCredentials(): UnauthorizedError {
  return new UnauthorizedError('wrong_credentials', 'The e-mail address or the password is wrong.', {
    next: `Check both. ${LOST_PASSWORD_NEXT}`,
  });
}
