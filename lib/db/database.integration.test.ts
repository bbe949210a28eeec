import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../testing.ts';
import { type Database, isDatabaseUnavailable, openDatabase } from './database.ts';
import { startTestPostgres, type TestPostgres } from './testing-postgres.ts';

let server: TestPostgres;
let database: Database;
const errors: Error[] = [];
beforeAll(async () => {
  server = await startTestPostgres();
  database = openDatabase(server.url, { maxConnections: 3, onError: (error) => errors.push(error) });
});
afterAll(async () => {
  await database.close();
  await server.remove();
});

const one = () => sql`select 1`.execute(database.db);
const slow = () => database.db.transaction().execute((trx) => sql`select pg_sleep(5)`.execute(trx));

it('fails at once while Postgres is away, works when it is back, and still listens', async () => {
  const heard: string[] = [];
  let connections = 0;
  database.listen(
    'channel',
    (payload) => heard.push(payload),
    () => (connections += 1),
  );
  await eventually(() => connections === 1);
  for (let round = 0; round < 3; round += 1) {
    const inFlight = Promise.allSettled([slow(), slow(), slow()]);
    await eventually(() => database.pool.totalCount === 3 && database.pool.idleCount === 0);
    await server.crash();
    for (const result of await inFlight) {
      expect(result.status === 'rejected' && isDatabaseUnavailable(result.reason)).toBe(true);
    }
    await expect(one()).rejects.toSatisfy(isDatabaseUnavailable);
    await server.start();
    await one();
    await eventually(() => connections === round + 2);
    await sql`select pg_notify('channel', ${String(round)})`.execute(database.db);
    await eventually(() => heard.includes(String(round)));
  }
  expect(errors.length).toBeGreaterThan(0);
});

it('does not take a wrong query for a database that is away', async () => {
  await expect(sql`select nonsense`.execute(database.db)).rejects.toSatisfy((error) => !isDatabaseUnavailable(error));
});

it('adds and removes channels while it is connected', async () => {
  const heard: string[] = [];
  let listening = false;
  const stop = database.listen(
    'another',
    (payload) => heard.push(payload),
    () => (listening = true),
  );
  await eventually(() => listening);
  await sql`select pg_notify('another', 'a')`.execute(database.db);
  await eventually(() => heard.length === 1);
  stop();
  await sql`select pg_notify('another', 'b')`.execute(database.db);
  await one();
  expect(heard).toEqual(['a']);
});
