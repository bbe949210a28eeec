import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeContext, createContext } from '../../lib/context.ts';
import { openDatabase } from '../../lib/db/database.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { startTestPostgres } from '../../lib/db/testing-postgres.ts';
import { createGatewayCore } from '../../lib/gateway/core.ts';
import { createOpenLedger } from '../../lib/gateway/open-ledger.ts';
import { installJobs } from '../../lib/jobs/install.ts';
import { createLog } from '../../lib/log.ts';
import { FakeEngine } from '../../lib/sandbox/testing.ts';
import { testSettings } from '../../lib/testing.ts';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { createFront } from '../../server/front/front.ts';
import { providerDispatcher } from '../../server/front/dispatchers.ts';
import { createGatewayRoute } from '../../server/front/gateway-route.ts';
import { addMember, freePort, writeStudio, writeWidget } from '../../server/front/testing.ts';

/** The real front with all it does for a call: key, limits, meter, usage rows, on a real Postgres. */
export async function startFull(upstreamPort: number) {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-bench-gateway-'));
  const postgres = await startTestPostgres();
  const { url } = postgres;
  await migrate(url, { info: () => {} });
  await installJobs(url);
  const settings = testSettings(url, {
    PORT: String(await freePort()),
    DATA_DIR: folder,
    USAGE_JOURNAL: 'disk',
    USAGE_JOURNAL_DIR: join(folder, 'usage'),
    WEB_SOCKET: join(folder, 'web.sock'),
    CONTROL_LISTEN: '127.0.0.1:0',
    OPENAI_API_KEY: 'sk-bench',
    OPENAI_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
    ...UNLIMITED,
  });
  const log = createLog('front', process.env['BENCH_LOG_LEVEL'] ?? 'warn');
  const database = { ...openDatabase(url), url };
  const engine = new FakeEngine();
  const context = createContext(settings, { log, database, engine });
  const studioFolder = join(folder, 'studio');
  const widgetFolder = join(folder, 'widget');
  await Promise.all([writeStudio(studioFolder), writeWidget(widgetFolder)]);
  const front = await createFront(settings, {
    log,
    studioFolder,
    widgetFolder,
    context,
    connectionsPerAddress: 2000,
  });
  await front.listen();
  const member = await addMember({ ...context, database, engine, close: async () => {} }, 'ready');
  const key = await mintVirtualKey(context, { userId: member.userId, sandbox: member.sandbox.id });
  return {
    ready: { port: (await front.controlPort()) ?? 0, key },
    close: async () => {
      await front.close(0);
      await closeContext(context);
      await postgres.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The limits count, and are never reached. */
const UNLIMITED = {
  USER_REQUESTS_PER_MINUTE: '1000000',
  USER_TOKENS_PER_MINUTE: '1000000000',
  USER_PARALLEL_REQUESTS: '10000',
  USER_BUDGET_MONTHLY_USD: '1000000',
  TEAM_BUDGET_MONTHLY_USD: '1000000',
};

/** The same transport without key, limits and books. */
export async function startBare(upstreamPort: number) {
  const dispatcher = providerDispatcher();
  const caller = { keyId: 'bench', userId: 'bench' };
  const core = createGatewayCore({
    resolveKey: async () => caller,
    providers: new Map([
      [
        'openai',
        {
          name: 'openai',
          protocol: 'openai',
          baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
          keys: [{ secret: 'sk-bench', weight: 1 }],
          demo: false,
        },
      ],
    ]),
    ledger: createOpenLedger(),
    log: { info: () => {}, warn: () => {} },
  });
  const route = createGatewayRoute(core, dispatcher);
  const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (req, res) => {
    void route({ requestId: 'bench-request', path: req.url ?? '', query: '' }, req, res);
  });
  await new Promise<void>((done) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    ready: { port, key: `vk_${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}_${'0'.repeat(32)}` },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await dispatcher.destroy();
    },
  };
}
