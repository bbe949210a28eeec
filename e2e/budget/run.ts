import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../lib/db/database.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { startTestPostgres } from '../../lib/db/testing-postgres.ts';
import { installJobs } from '../../lib/jobs/install.ts';
import { formatVirtualKey, hashVirtualKey } from '../../lib/virtual-keys/format.ts';
import { compareBooks } from './books.ts';
import { startDouble } from './double.ts';
import { runClients, startFleet } from './fleet.ts';

export const LIMIT_MICROS = Number(process.env['PROOF_MICROS'] ?? 5_000_000);
const FRONTS = 4;
const CALLERS_PER_FRONT = Number(process.env['PROOF_CALLERS'] ?? 250);
const MAX_TOKENS = 10_000;

export type RunOptions = { hangUps: number; kills: number };

/** One run: 1,000 callers from 4 processes on 4 fronts against 5 dollars of the team. */
export async function runOnce({ hangUps, kills }: RunOptions) {
  const postgres = await startTestPostgres();
  const double = await startDouble();
  await migrate(postgres.url, { info: () => {} });
  await installJobs(postgres.url);
  const database = openDatabase(postgres.url);
  const fleet = await startFleet(FRONTS, {
    DATABASE_URL: postgres.url,
    OPENAI_API_KEY: 'sk-proof',
    OPENAI_BASE_URL: double.url,
    TEAM_BUDGET_MONTHLY_USD: String(LIMIT_MICROS / 1_000_000),
    USER_REQUESTS_PER_MINUTE: '1000000',
    USER_PARALLEL_REQUESTS: '10000',
  });
  const watching = watchBudget(database);
  try {
    const keys = await Promise.all(fleet.urls.map(() => makeKey(database)));
    const started = Date.now();
    const clients = fleet.urls.map((url, index) =>
      runClients({
        url,
        key: keys[index],
        callers: CALLERS_PER_FRONT,
        callsEach: 4,
        hangUps,
        maxTokens: MAX_TOKENS,
        deadlineMs: 90_000,
      }),
    );
    for (let kill = 0; kill < kills; kill += 1) {
      await untilSpent(database, ((kill + 1) * LIMIT_MICROS) / (kills + 2));
      await fleet.kill(kill % FRONTS);
    }
    const counts = await Promise.all(clients);
    const seconds = (Date.now() - started) / 1_000;
    await fleet.stop();
    const { highest, samples } = await watching.stop();
    const period = await database.db.selectFrom('budget_periods').selectAll().executeTakeFirstOrThrow();
    const comparison = await compareBooks(database, double.calls);
    return {
      seconds,
      kills,
      samples,
      highestSeenMicros: highest,
      spentMicros: period.spent_micros,
      leasedAfterwardsMicros: period.leased_micros,
      ...comparison,
      clients: counts.reduce((sum, one) => {
        for (const name of Object.keys(one) as (keyof typeof one)[]) sum[name] += one[name];
        return sum;
      }),
    };
  } finally {
    await watching.stop();
    await fleet.remove();
    await double.close();
    await database.close();
    await postgres.remove();
  }
}

type Opened = ReturnType<typeof openDatabase>;

async function makeKey({ db }: Opened): Promise<string> {
  const { id } = await db
    .insertInto('users')
    .values({ email: `${crypto.randomUUID()}@example.com` })
    .returning('id')
    .executeTakeFirstOrThrow();
  const key = formatVirtualKey(id, Buffer.from(crypto.getRandomValues(new Uint8Array(16))));
  await db
    .insertInto('virtual_keys')
    .values({ user_id: id, key_hash: hashVirtualKey(key) })
    .execute();
  return key;
}

/** Looks at the budget all the time: what is spent and reserved together, at its highest. */
function watchBudget({ db }: Opened) {
  let highest = 0;
  let samples = 0;
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const row = await db.selectFrom('budget_periods').selectAll().executeTakeFirst();
      if (row) highest = Math.max(highest, row.spent_micros + row.leased_micros);
      samples += 1;
      await sleep(20);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await loop;
      return { highest, samples };
    },
  };
}

async function untilSpent({ db }: Opened, micros: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const row = await db.selectFrom('budget_periods').selectAll().executeTakeFirst();
    if (row && row.spent_micros >= micros) return;
    await sleep(20);
  }
}
