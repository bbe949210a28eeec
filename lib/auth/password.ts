import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { z } from 'zod';
import { InvalidInputError } from '../errors.ts';

export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;

/** What a person gives to get an account. */
export const accountSchema = z.object({
  email: z
    .string({ error: 'Enter an e-mail address.' })
    .trim()
    .toLowerCase()
    .max(254, 'The e-mail address is too long.')
    .pipe(z.email('Enter an e-mail address such as ada@example.com.')),
  password: z
    .string({ error: 'Enter a password.' })
    .min(MIN_PASSWORD_LENGTH, `The password needs at least ${MIN_PASSWORD_LENGTH} characters.`)
    .max(MAX_PASSWORD_LENGTH, `The password may have at most ${MAX_PASSWORD_LENGTH} characters.`),
  name: z.string().trim().max(100, 'The name may have at most 100 characters.').optional(),
});

export type NewAccount = z.output<typeof accountSchema>;

/** Checks what a person typed. Throws InvalidInputError with the first problem. */
export function parseAccount(input: unknown): NewAccount {
  const account = parse(accountSchema, input);
  refuseAddress(account.password, account.email);
  return account;
}

/** The same of a new password alone, for who has this address. */
export function parsePassword(password: unknown, email: string): string {
  const parsed = parse(accountSchema.pick({ password: true }), { password }).password;
  refuseAddress(parsed, email);
  return parsed;
}

/** Whether two passwords have the same hash: it is made of what is the same to a reader, however it was typed. */
export function samePassword(one: string, other: string): boolean {
  return one.normalize('NFKC') === other.normalize('NFKC');
}

/** The first password that anybody tries. */
function refuseAddress(password: string, email: string): void {
  if (password.normalize('NFKC').trim().toLowerCase() !== email) return;
  throw new InvalidInputError('invalid_password', 'The password is the e-mail address.', {
    next: 'Choose another one.',
  });
}

function parse<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(
    `invalid_${String(issue?.path[0] ?? 'input')}`,
    issue?.message ?? 'The input is not valid.',
  );
}

export { hashPassword, verifyPassword };
