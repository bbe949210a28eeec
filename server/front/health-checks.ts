import { sql } from 'kysely';
import type { Dispatcher } from 'undici';
import type { Database } from '../../lib/db/database.ts';
import type { HealthCheck } from './health.ts';

/** What signing in needs: the database with its tables, and the pages. */
export function signInChecks(database: Database, web: Dispatcher): HealthCheck[] {
  return [
    { name: 'database', check: () => sql`select 1 from users limit 1`.execute(database.db) },
    { name: 'web', check: () => askWeb(web) },
  ];
}

async function askWeb(web: Dispatcher): Promise<void> {
  // better-auth's own probe.
  const answer = await web.request({
    origin: 'http://web',
    path: '/api/auth/ok',
    method: 'GET',
    signal: AbortSignal.timeout(2000),
  });
  await answer.body.dump();
  if (answer.statusCode >= 500) throw new Error(`The web process answered ${answer.statusCode}.`);
}
