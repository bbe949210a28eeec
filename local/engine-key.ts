import path from 'node:path';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import type { Box } from './box.ts';
import { engineEnvironment, engineUrl } from './environment.ts';
import { writeSecrets } from './secrets.ts';

const ANSWER_MS = 10_000;

/** Does the engine know this key? It keeps hashes alone, so it has to be asked. */
async function isValid(box: Box, key: string): Promise<boolean> {
  const response = await fetch(`${engineUrl(box)}/v2/sandboxes?limit=1`, {
    headers: { 'x-api-key': key },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  await response.body?.cancel();
  return response.status !== 401 && response.status !== 403;
}

/** The key of the control plane at the engine: the one we have, or a new one when the engine does not know it. */
export async function ensureEngineKey(box: Box): Promise<string> {
  const existing = box.secrets.engineKey;
  if (existing && (await isValid(box, existing))) return existing;
  const folder = path.join(box.data, 'engine');
  const cli = path.join(box.app, 'engine', 'cli.ts');
  const { code, stdout, output } = await run(box.node, [cli, 'keys', 'create', '--data-dir', folder], {
    cwd: box.app,
    env: engineEnvironment(box),
  });
  const key = /\be2b_[0-9a-f]+\b/.exec(stdout)?.[0];
  if (code !== 0 || !key) {
    throw new StartError('The engine gave no API key.', { why: `engine/cli.ts ended with code ${code}`, output });
  }
  box.secrets.engineKey = key;
  await writeSecrets(box.dataDir, box.secrets);
  return key;
}
