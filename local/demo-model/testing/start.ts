import { once } from 'node:events';
import { createDemoModelServer, type DemoModelOptions } from '../http/server.ts';
import { countedIds } from '../ids.ts';
import { createPlanner } from '../planner.ts';
import { SCRIPTS } from '../scripts/index.ts';

const silent = { info: () => {}, error: () => {} };

/** A demo model on a free port, with ids and a clock that are the same in each run. */
export async function startDemoModel(options: Partial<DemoModelOptions> = {}) {
  const server = createDemoModelServer({
    plan: createPlanner(SCRIPTS),
    newId: countedIds(),
    now: () => new Date('2026-05-01T10:00:00Z'),
    delayMs: 0,
    log: silent,
    ...options,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export const TIME_SCHEMA = {
  type: 'object',
  properties: { timeZone: { type: 'string', description: 'An IANA time zone' } },
  required: ['timeZone'],
};
export const TIME_RESULT = { local: 'Friday, 12:00', timeZone: 'Europe/Berlin' };
export const TIME_QUESTION = 'What time is it in Berlin?';
export const TIME_ANSWER = 'Demo model: it is Friday, 12:00 (Europe/Berlin).';
