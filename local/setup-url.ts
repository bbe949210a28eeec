import path from 'node:path';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import type { Box } from './box.ts';
import { controlPlaneEnvironment } from './environment.ts';

/** The one-time URL that makes the first admin; null when there is one. Asked of the control plane's own command. */
export async function setupUrl(box: Box, engineKey: string): Promise<string | null> {
  const { code, stdout, output } = await run(box.node, [path.join(box.app, 'lib/auth/setup-url.ts')], {
    cwd: box.app,
    env: controlPlaneEnvironment(box, engineKey),
    ...box.user,
  });
  if (code === 0) return stdout.trim() || null;
  throw new StartError('No set-up URL could be made.', {
    why: `lib/auth/setup-url.ts ended with code ${code}`,
    output,
    next: 'see the log of postgres',
    log: path.join(box.logs, 'postgres.log'),
  });
}
