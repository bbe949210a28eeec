import type { Context } from '../context.ts';
import { AppError, ConflictError, ForbiddenError, InvalidInputError, UnauthorizedError } from '../errors.ts';
import { passwordHashOf } from './credential.ts';
import { LOST_PASSWORD_NEXT } from './lost-password.ts';
import { hashPassword, parsePassword, samePassword } from './password.ts';
import { replacePassword } from './replace-password.ts';
import type { Session } from './session.ts';
import type { SignInLimits } from './sign-in-limits.ts';
import type { StartedSession } from './start-session.ts';

export type PasswordChange = {
  /** Of the person. It ends as all their others do. */
  session: Pick<Session, 'id' | 'userId' | 'email'>;
  current: string;
  password: string;
  /** As for signIn. */
  address: string;
  userAgent?: string | undefined;
};

type Parts = {
  limits: Pick<SignInLimits, 'countAgain'>;
  /** Checks the password. */
  start(given: { email: string; password: string; userAgent?: string | undefined }): Promise<StartedSession>;
};

/**
 * Sets a person's new password for who knows the current one, and ends what the old one opened: links for a new password
 * and sessions, this one too, whose cookie may have been copied. Returns the `Set-Cookie` headers of the one in its place.
 * Wrong passwords are counted, so that a session alone is no way to guess. Throws InvalidInputError, `wrong_password`,
 * `too_many_attempts`, `no_password`, `account_disabled`, or `not_signed_in` when the session has ended meanwhile.
 */
export async function changePassword(
  { database }: Pick<Context, 'database'>,
  { limits, start }: Parts,
  { session, current, password, address, userAgent }: PasswordChange,
): Promise<{ cookies: string[] }> {
  const { id, userId, email } = session;
  const wanted = parsePassword(password, email);
  // As typed, without a look at the real one: it tells nothing to who only guesses.
  if (samePassword(wanted, current)) throw unchanged();
  const before = await passwordHashOf({ database }, email);
  if (before === null) throw noPassword();
  await limits.countAgain(id, address);
  // Made before the change: afterwards nothing but the answer is left to do, and nothing to go wrong.
  const { token, cookies, end } = await start({ email, password: current, userAgent }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'wrong_credentials' ? wrongPassword() : error;
  });
  try {
    // Slow on purpose, as the check is, hence both outside of the transaction.
    const passwordHash = await hashPassword(wanted);
    await database.db.transaction().execute(async (trx) => {
      // Before links and sessions, and as strong as who disables a member does: both then go one after the other. A stronger
      // lock would wait for everything that points at the person.
      await trx.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute();
      const replacement = {
        userId,
        email,
        address,
        passwordHash,
        action: 'password.changed',
        instead: before,
      } as const;
      const ended = await replacePassword(trx, { ...replacement, keep: token });
      if (!ended) throw wrongPassword();
      if (!ended.includes(id)) throw new UnauthorizedError();
    });
  } catch (error) {
    await end();
    throw error;
  }
  return { cookies };
}

function unchanged(): InvalidInputError {
  return new InvalidInputError('invalid_password', 'The new password is the same as the current one.', {
    next: 'Choose another one.',
  });
}

function wrongPassword(): ForbiddenError {
  return new ForbiddenError('wrong_password', 'The current password is wrong.', {
    next: LOST_PASSWORD_NEXT,
  });
}

function noPassword(): ConflictError {
  return new ConflictError('no_password', 'You sign in with an account that is kept elsewhere.', {
    next: 'Change its password there.',
  });
}
