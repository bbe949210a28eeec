import { chmodSync, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import next from 'next';

import { AppError, SettingsError } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';
import { loadSettings } from '../lib/settings.ts';
import { clearStaleSocket } from './web/socket.ts';
import { warmUp } from './web/warm-up.ts';

/** Longer than the front keeps an idle connection to us, so that it never writes into one that we are closing. */
const KEEP_ALIVE_MILLISECONDS = 75_000;
/** How long requests that are under way may take after SIGTERM. The supervisor waits 10 s. */
const DRAIN_MILLISECONDS = 8_000;

const root = resolve(import.meta.dirname, '..');

/** Serves the pages and the API routes from a finished `next build`, on the unix socket WEB_SOCKET. */
async function main(): Promise<void> {
  const settings = loadSettings();
  const log = createLog('web', settings.logLevel);
  const path = settings.webSocket;
  if (!path) throw new SettingsError(['WEB_SOCKET: is not set (the unix socket that the web process listens on)']);
  if (!existsSync(join(root, '.next/BUILD_ID'))) {
    throw new AppError('not_built', 'The pages are not built yet.', { next: 'Run: npm run build' });
  }

  // The pages find files of the checkout, such as Studio's, from here.
  process.chdir(root);
  Object.assign(process.env, { NODE_ENV: 'production' });
  const app = next({ dev: false, dir: root, quiet: true });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => {
      log.error({ err: error, requestId: request.headers['x-request-id'] }, 'request failed');
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.headersTimeout = KEEP_ALIVE_MILLISECONDS + 5_000;

  await clearStaleSocket(path);
  await new Promise<void>((done, fail) => server.once('error', fail).listen(path, done));
  // The front runs as the same user; nobody else on the machine has business here.
  chmodSync(path, 0o600);
  log.info({ socket: path }, 'web is listening');

  stopOnSignals(server, () => app.close(), log);
  await warmUp(path, log);
}

function stopOnSignals(server: Server, close: () => Promise<void>, log: Log): void {
  const stop = (signal: string) => {
    log.info({ signal }, 'web is stopping');
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MILLISECONDS);
    server.close(() => {
      clearTimeout(cut);
      void close().finally(() => process.exit(0));
    });
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const log = createLog('web');
  if (error instanceof AppError) log.fatal({ code: error.code, next: error.next }, error.message);
  else log.fatal({ err: error }, `web could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
