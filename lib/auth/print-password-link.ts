/**
 * `node lib/auth/print-password-link.ts <e-mail>`: prints a link with which this person sets a new password. For whoever runs the
 * server, also when the only admin has lost theirs. Needs DATABASE_URL and PUBLIC_URL.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Database, openDatabase } from '../db/database.ts';
import { AppError, NotFoundError, SettingsError } from '../errors.ts';
import { createPasswordLink, PASSWORD_LINK_HOURS } from './password-links.ts';

const environment = z.object({ DATABASE_URL: z.url(), PUBLIC_URL: z.url() });

async function print(email: string | undefined): Promise<void> {
  if (!email) throw new AppError('no_email', 'Say whose password: npm run password-link -- ada@example.com');
  const { data, error } = environment.safeParse(process.env);
  if (!data) throw new SettingsError(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const database = openDatabase(data.DATABASE_URL, { name: 'shmastra-password-link', maxConnections: 1 });
  try {
    const settings = { publicUrl: data.PUBLIC_URL.replace(/\/$/, '') };
    const userId = await idOf(database, email);
    const { url } = await createPasswordLink({ settings, database, randomBytes }, { userId, by: null });
    process.stdout.write(`${url}\n`);
    console.error(`It works once, for ${PASSWORD_LINK_HOURS} hours. Whoever opens it sets the password of ${email}.`);
  } finally {
    await database.close();
  }
}

async function idOf({ db }: Pick<Database, 'db'>, email: string): Promise<string> {
  const user = await db
    .selectFrom('users')
    .where('email', '=', email.trim().toLowerCase())
    .select('id')
    .executeTakeFirst();
  if (user) return user.id;
  throw new NotFoundError('member_not_found', `Nobody has an account with ${email}.`);
}

try {
  await print(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof AppError && error.next) console.error(error.next);
  process.exitCode = 1;
}
