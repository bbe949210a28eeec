import { LOST_PASSWORD_NEXT } from '../../lib/auth/lost-password.ts';
import type { ApiError } from '../api/call.ts';

/**
 * What a form says after a plain post of the browser (its script had not loaded yet): the redirect carries the code
 * alone, so that nobody can make our page say something of theirs.
 */
const messages: Record<string, { message: string; next?: string }> = {
  wrong_credentials: {
    message: 'The e-mail address or the password is wrong.',
    next: `Check both. ${LOST_PASSWORD_NEXT}`,
  },
  wrong_password: {
    message: 'The current password is wrong.',
    next: LOST_PASSWORD_NEXT,
  },
  too_many_attempts: { message: 'There were too many attempts.', next: 'Wait some minutes and try again.' },
  invalid_email: { message: 'Enter an e-mail address such as ada@example.com.' },
  invalid_password: {
    message: 'Choose another password.',
    next: 'It needs at least 10 characters, and is neither your current one nor your e-mail address.',
  },
  invalid_name: { message: 'The name may have at most 100 characters.' },
  email_taken: {
    message: 'There is an account with this e-mail address already.',
    next: 'Sign in with it, or use another address.',
  },
  invited_email_taken: {
    message: 'There is an account with this e-mail address already.',
    next: 'Sign in with it.',
  },
  wrong_email: {
    message: 'This invitation is for another e-mail address.',
    next: 'Use the address to which the invitation was sent, or ask for one of your own.',
  },
};

export function plainFormError(code: string | undefined): ApiError | undefined {
  if (!code) return undefined;
  const known = messages[code];
  return known ? { code, ...known } : { code: 'failed', message: 'That did not work.', next: 'Try again in a moment.' };
}
