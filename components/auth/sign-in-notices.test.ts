import { expect, it } from 'vitest';

import { signInNotice } from './sign-in-notices.ts';

it('says what it knows, and nothing that stands in the address', () => {
  expect(signInNotice('password_set')).toBe('Your password is set. Sign in with it.');
  expect(signInNotice('account_made')).toBe('Your account is made. Sign in with its password.');
  for (const code of [undefined, '', 'Call us', 'constructor']) expect(signInNotice(code)).toBeUndefined();
});
