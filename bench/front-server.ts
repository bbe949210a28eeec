import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closeContext, createContext } from '../lib/context.ts';
import { openDatabase } from '../lib/db/database.ts';
import { migrate } from '../lib/db/migrate.ts';
import { startTestPostgres } from '../lib/db/testing-postgres.ts';
import { installJobs } from '../lib/jobs/install.ts';
import { createLog } from '../lib/log.ts';
import { FakeEngine } from '../lib/sandbox/testing.ts';
import { testSettings } from '../lib/testing.ts';
import { createFront } from '../server/front/front.ts';
import { addMember, freePort } from '../server/front/testing.ts';

/** The real front on a real Postgres, with one signed-in member whose sandbox is `upstreamPort`. */
export async function startBenchFront(upstreamPort: number) {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-bench-front-'));
  const postgres = await startTestPostgres();
  const { url } = postgres;
  await migrate(url, { info: () => {} });
  await installJobs(url);
  const settings = testSettings(url, {
    PORT: String(await freePort()),
    WEB_SOCKET: join(folder, 'web.sock'),
    SANDBOX_UPSTREAM: `http://127.0.0.1:${upstreamPort}`,
    USAGE_JOURNAL: 'disk',
    USAGE_JOURNAL_DIR: join(folder, 'usage'),
  });
  const log = createLog('front', 'error');
  const database = { ...openDatabase(url), url };
  const engine = new FakeEngine();
  const context = createContext(settings, { log, database, engine });
  const studioFolder = resolve(import.meta.dirname, '../.studio');
  const widgetFolder = resolve(import.meta.dirname, '../.widget');
  const front = await createFront(settings, { log, studioFolder, widgetFolder, context });
  const port = await front.listen();
  const { cookie } = await addMember({ ...context, database, engine, close: async () => {} }, 'ready');
  return {
    ready: { port, path: '/api/mastra/api/agents', headers: { cookie, 'accept-encoding': 'gzip, br' } },
    close: async () => {
      await front.close(0);
      await closeContext(context);
      await postgres.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
