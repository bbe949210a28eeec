import { join } from 'node:path';
import { closeContext, createContext } from '../../lib/context.ts';
import { createLog, directOutput } from '../../lib/log.ts';
import { FakeEngine } from '../../lib/sandbox/testing.ts';
import { loadSettings } from '../../lib/settings.ts';
import { TEST_ENVIRONMENT } from '../../lib/testing-environment.ts';
import { createFront } from '../../server/front/front.ts';

/**
 * The real front with all it does for a call: key, limits, meter, usage rows. As little else as possible is in its
 * process, whose memory is measured.
 */
export async function startFull(upstreamPort: number, databaseUrl: string, folder: string) {
  const settings = loadSettings({
    DATABASE_URL: databaseUrl,
    ...TEST_ENVIRONMENT,
    DATA_DIR: folder,
    USAGE_JOURNAL: 'disk',
    USAGE_JOURNAL_DIR: join(folder, 'usage'),
    WEB_SOCKET: join(folder, 'web.sock'),
    CONTROL_LISTEN: '127.0.0.1:0',
    OPENAI_API_KEY: 'sk-bench',
    OPENAI_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
    ...UNLIMITED,
  });
  const log = createLog('front', 'info', directOutput());
  const context = createContext(settings, { log, engine: new FakeEngine() });
  const front = await createFront(
    { ...settings, port: 0 },
    {
      log,
      studioFolder: join(folder, 'studio'),
      widgetFolder: join(folder, 'widget'),
      context,
      connectionsPerAddress: 2000,
    },
  );
  await front.listen();
  return {
    port: (await front.controlPort()) ?? 0,
    close: async () => {
      await front.close(0);
      await closeContext(context);
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
