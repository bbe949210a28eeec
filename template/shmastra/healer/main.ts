import { setTimeout as sleep } from 'node:timers/promises';
import { watchEnvironment, type Environment } from '../runner/environment.ts';
import { log } from '../runner/log.ts';
import { readSettings } from '../runner/settings.ts';
import { Diagnoser, readHealth, type Observation } from './diagnosis.ts';
import { report } from './report.ts';

// The healer: watches the runner from outside and reports when its state changes. It needs nothing of the project, so
// that a project which is broken altogether cannot keep it from noticing.

const LOOK_MS = 5000;
const TIMEOUT_MS = 4000;
const MAX_BYTES = 64 * 1024;

const { port, environmentFile } = readSettings();
const diagnoser = new Diagnoser();
let environment: Environment = {};
let attempt = 0;
watchEnvironment(environmentFile, (changed) => (environment = changed));

process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));

for (;;) {
  await sleep(LOOK_MS);
  const diagnosis = diagnoser.observe(await look());
  if (diagnosis === undefined) continue;
  log('info', 'the state has changed', { ...diagnosis });
  if (diagnosis.state !== 'ready') attempt++;
  await report(diagnosis, attempt, environment, { fetch, wait: (ms) => sleep(ms), log });
  if (diagnosis.state === 'ready') attempt = 0;
}

async function look(): Promise<Observation> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (text.length > MAX_BYTES) return { kind: 'silent', cause: 'The health answer is too long.' };
    return readHealth(JSON.parse(text));
  } catch (error) {
    return { kind: 'silent', cause: error instanceof Error ? error.message : String(error) };
  }
}
