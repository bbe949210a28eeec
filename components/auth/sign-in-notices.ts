/** What the sign-in page says first. The address carries the code alone, so that nobody can make it say something of theirs. */
const notices: ReadonlyMap<string, string> = new Map([
  ['account_made', 'Your account is made. Sign in with its password.'],
  ['password_set', 'Your password is set. Sign in with it.'],
  ['signed_out', 'You were signed out. Sign in to go on where you were.'],
]);

export function signInNotice(code: string | undefined): string | undefined {
  return code === undefined ? undefined : notices.get(code);
}
