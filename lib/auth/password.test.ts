import { expect, it } from 'vitest';

import { parseAccount, parsePassword, samePassword } from './password.ts';

const email = 'ada@example.com';
const refused = expect.objectContaining({ code: 'invalid_password', status: 400 });

it('takes no e-mail address for its own password, however it is written', () => {
  for (const password of [email, 'Ada@Example.com', ` ${email} `, 'ａｄａ@example.com']) {
    expect(() => parsePassword(password, email)).toThrow(refused);
    expect(() => parseAccount({ email: ' ADA@example.com', password })).toThrow(refused);
  }
  expect(parsePassword(`${email} and more`, email)).toBe(`${email} and more`);
});

it('knows the lengths that a password may have', () => {
  for (const password of ['', 'x'.repeat(9), 'x'.repeat(129)]) {
    expect(() => parsePassword(password, email)).toThrow(refused);
  }
  expect(parsePassword('x'.repeat(10), email)).toHaveLength(10);
});

it('takes two ways of typing one password for the same', () => {
  expect(samePassword('Cafe\u0301 au lait', 'Caf\u00e9 au lait')).toBe(true);
  expect(samePassword('correct horse', 'Correct horse')).toBe(false);
});
