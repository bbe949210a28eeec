import type { Context } from '../context.ts';
import type { SandboxStatus } from '../sandbox/state.ts';
import type { Role } from './invitations.ts';

export type Teammate = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabledAt: Date | null;
  /** When the person last did something: signed in, or worked in the sandbox. */
  lastSeenAt: Date | null;
  sandbox: {
    id: string;
    status: SandboxStatus;
    errorMessage: string | null;
    /** The first set-up failed for good: there is nothing in it, and it can be tried again. */
    neverMade: boolean;
  } | null;
};

const MAX_LISTED = 1_000;
const MAX_CONTACTS = 5;

/** Everybody with what an admin wants to see beside the name. By e-mail. */
export async function listTeam({ database }: Pick<Context, 'database'>): Promise<Teammate[]> {
  const rows = await database.db
    .selectFrom('users')
    .leftJoin('sandboxes', 'sandboxes.user_id', 'users.id')
    .select((eb) => [
      'users.id',
      'users.email',
      'users.name',
      'users.role',
      'users.disabled_at',
      'sandboxes.id as sandbox',
      'sandboxes.sandbox_id',
      'sandboxes.status',
      'sandboxes.error_message',
      'sandboxes.last_activity_at',
      eb
        .selectFrom('identity.session')
        .whereRef('identity.session.userId', '=', 'users.id')
        .select(({ fn }) => fn.max('identity.session.updatedAt').as('at'))
        .as('session_at'),
    ])
    .orderBy('users.email')
    .limit(MAX_LISTED)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    disabledAt: row.disabled_at,
    lastSeenAt: latest(row.last_activity_at, row.session_at),
    sandbox:
      row.sandbox && row.status
        ? {
            id: row.sandbox,
            status: row.status,
            errorMessage: row.error_message,
            neverMade: row.status === 'broken' && row.sandbox_id === null,
          }
        : null,
  }));
}

/** Whom a teammate may write to. */
export async function listAdminContacts({ database }: Pick<Context, 'database'>): Promise<string[]> {
  const rows = await database.db
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .select('email')
    .orderBy('created_at')
    .limit(MAX_CONTACTS)
    .execute();
  return rows.map(({ email }) => email);
}

function latest(...times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : new Date(Math.max(...known.map(Number)));
}
