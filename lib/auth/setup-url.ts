/** `node lib/auth/setup-url.ts`: prints the one-time set-up URL while there is no admin, otherwise nothing. */
import { closeContext, createContext } from '../context.ts';
import { createLog } from '../log.ts';
import { loadSettings } from '../settings.ts';
import { createSetupUrl } from './setup.ts';

try {
  const context = createContext(loadSettings(), {
    name: 'setup-url',
    maxConnections: 1,
    log: createLog('setup-url', 'silent'),
  });
  const url = await createSetupUrl(context).finally(() => closeContext(context));
  if (url) process.stdout.write(`${url}\n`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
