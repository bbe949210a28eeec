import path from 'node:path';
import { leftovers } from './process-records.ts';
import { endProcess } from './service.ts';

const STOP_MS = 12_000;

/**
 * Ends the processes of a run whose supervisor was killed: their code may be old and nobody watches them. Postgres
 * stays, to be adopted. Returns the names of those that were ended.
 */
export async function stopLeftovers(dataDir: string): Promise<string[]> {
  const found = (await leftovers(path.join(dataDir, 'processes'))).filter(({ name }) => name !== 'postgres');
  const engine = found.filter(({ name }) => name === 'engine');
  const others = found.filter(({ name }) => name !== 'engine');
  // The engine last: the others may be in the middle of a call to it. A clean stop would end every sandbox; killed, it
  // leaves them running, and the new one takes them over.
  await Promise.all(others.map(({ process }) => endProcess(process, 'SIGTERM', STOP_MS)));
  await Promise.all(engine.map(({ process }) => endProcess(process, 'SIGKILL', STOP_MS)));
  return found.map(({ name }) => name);
}
