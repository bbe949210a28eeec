import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from './product.ts';

const recordSchema = z.object({ pid: z.number().int().positive() });

export const PARTS = ['front', 'web', 'worker', 'engine', 'postgres'] as const;
export type Part = (typeof PARTS)[number];

async function pidOf(dataDir: string, part: Part): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'processes', `${part}.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : recordSchema.parse(JSON.parse(text)).pid;
}

/** kill -9 of one part, then the wait until `npm start` has started it again. Returns the milliseconds it took. */
export async function killPart(dataDir: string, part: Part): Promise<number> {
  const pid = await waitFor(() => pidOf(dataDir, part), 30_000, `a running ${part}`);
  const at = performance.now();
  process.kill(pid, 'SIGKILL');
  await waitFor(
    async () => {
      const next = await pidOf(dataDir, part);
      return next !== undefined && next !== pid ? true : undefined;
    },
    60_000,
    `the restart of ${part}`,
  );
  return Math.round(performance.now() - at);
}
