import { resolve } from 'node:path';
import { AppError } from '../lib/errors.ts';
import { createLog, directOutput, type Log } from '../lib/log.ts';
import { loadSettings } from '../lib/settings.ts';
import { createFront, type Front } from './front/front.ts';

/** How long requests may go on after SIGTERM before they are cut. The supervisor waits 10 s. Milliseconds. */
const GRACE_MS = 3000;

async function main(): Promise<void> {
  const output = directOutput();
  let log = createLog('front', 'info', output);
  try {
    const settings = loadSettings();
    log = createLog('front', settings.logLevel, output);
    const built = (folder: string): string => resolve(import.meta.dirname, '..', folder);
    const front = await createFront(settings, { log, studioFolder: built('.studio'), widgetFolder: built('.widget') });
    stopOnSignals(front, log);
    await front.listen();
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    log.fatal({ next: error instanceof AppError ? error.next : undefined }, `The front cannot start. ${message}`);
    process.exit(1);
  }
}

function stopOnSignals(front: Front, log: Log): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'front is stopping');
    front.close(GRACE_MS).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'front did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

await main();
