import type { Context } from '../context.ts';
import { hasAdmin } from './setup.ts';

/**
 * Whether there is no admin yet, and so nobody who could sign in. Once there is an admin there always is one: Postgres is
 * not asked again. While it is away nobody knows, and the form is the better guess.
 */
export function createNobodyYet(): (context: Pick<Context, 'database' | 'log'>) => Promise<boolean> {
  let found = false;
  return async ({ database, log }) => {
    if (found) return false;
    try {
      found = await hasAdmin(database.db);
      return !found;
    } catch (error) {
      log.warn({ err: error }, 'nobody knows whether there is an admin');
      return false;
    }
  };
}
