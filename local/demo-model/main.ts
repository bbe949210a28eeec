import { pino } from 'pino';
import { createDemoModelServer } from './http/server.ts';
import { randomIds } from './ids.ts';
import { createPlanner } from './planner.ts';
import { SCRIPTS } from './scripts/index.ts';
import { loadDemoModelSettings } from './settings.ts';

/** Answers under way may end; then they are cut. */
const STOP_WITHIN_MS = 5_000;

function main(): void {
  const settings = loadDemoModelSettings(process.env);
  const log = pino({ level: settings.logLevel, base: { process: 'demo-model' } });
  const plan = createPlanner(SCRIPTS);
  const server = createDemoModelServer({
    plan,
    newId: randomIds,
    now: () => new Date(),
    delayMs: settings.delayMs,
    log,
  });

  server.once('error', (error) => {
    log.fatal({ err: error }, `cannot listen on ${settings.host}:${settings.port}`);
    process.exitCode = 1;
  });
  server.listen(settings.port, settings.host, () => log.info({ address: server.address() }, 'the demo model listens'));

  const stop = (signal: string): void => {
    log.info({ signal }, 'stopping');
    server.close();
    setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
