import type { ApiError } from '../api/call.ts';

/**
 * What a form says after a plain post of the browser (its script had not loaded yet): the redirect carries the code
 * alone, so that nobody can make our page say something of theirs.
 */
const messages: Record<string, { message: string; next?: string }> = {
  invalid_credentials: {
    message: 'The e-mail address or the password is wrong.',
    next: 'Check both. An admin can send you a new invitation link if you have lost the password.',
  },
  rate_limited: { message: 'Too many attempts.', next: 'Wait a minute and try again.' },
  invalid_input: { message: 'A field is not filled in correctly.', next: 'Check the fields and try again.' },
  unavailable: { message: 'The server cannot do this just now.', next: 'Try again in a moment.' },
};

export function plainFormError(code: string | undefined): ApiError | undefined {
  if (!code) return undefined;
  const known = messages[code];
  return known
    ? { code, ...known }
    : { code: 'failed', message: 'That did not work.', next: 'Try again in a moment.' };
}
