import type { Context } from '../context.ts';
import { ConflictError, ForbiddenError, UnauthorizedError } from '../errors.ts';
import { passwordHashOf } from './credential.ts';
import { hashPassword, parsePassword, verifyPassword } from './password.ts';
import { replacePassword } from './replace-password.ts';
import type { Session } from './session.ts';
import type { SignInLimits } from './sign-in-limits.ts';

export type PasswordChange = {
  /** Of the person. It ends as all their others do. */
  session: Pick<Session, 'id' | 'userId' | 'email'>;
  current: string;
  password: string;
  /** As for signIn. */
  address: string;
};

/**
 * Sets a person's new password for who knows the current one, and ends what the old one opened: sessions, this one too,
 * whose cookie may have been copied, and links for a new password. Wrong ones are counted, so that a session alone is no
 * way to guess.
 * Throws InvalidInputError, `wrong_password`, `too_many_attempts`, `no_password`, or `not_signed_in` when the session has
 * ended meanwhile.
 */
export async function changePassword(
  { database }: Pick<Context, 'database'>,
  limits: Pick<SignInLimits, 'countAgain'>,
  { session, current, password, address }: PasswordChange,
): Promise<void> {
  const { id, userId, email } = session;
  const wanted = parsePassword(password);
  const before = await passwordHashOf({ database }, email);
  if (before === null) throw noPassword();
  await limits.countAgain(id, address);
  if (!(await verifyPassword({ hash: before, password: current }))) throw wrongPassword();
  // Slow on purpose, as the check is, hence both outside of the transaction.
  const passwordHash = await hashPassword(wanted);
  await database.db.transaction().execute(async (trx) => {
    // Before links and sessions, and as strong as who disables a member does: both then go one after the other. A stronger
    // lock would wait for everything that points at the person.
    await trx.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute();
    const replacement = { userId, email, address, passwordHash, action: 'password.changed', instead: before } as const;
    const ended = await replacePassword(trx, replacement);
    if (!ended) throw wrongPassword();
    if (!ended.includes(id)) throw new UnauthorizedError();
  });
}

function wrongPassword(): ForbiddenError {
  return new ForbiddenError('wrong_password', 'The current password is wrong.', {
    next: 'If you have lost it, ask an admin of your team for a password link.',
  });
}

function noPassword(): ConflictError {
  return new ConflictError('no_password', 'You sign in with an account that is kept elsewhere.', {
    next: 'Change its password there.',
  });
}
