import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeContext, createContext } from '../../lib/context.ts';
import { openDatabase } from '../../lib/db/database.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { startTestPostgres } from '../../lib/db/testing-postgres.ts';
import { installJobs } from '../../lib/jobs/install.ts';
import { createLog } from '../../lib/log.ts';
import { FakeEngine } from '../../lib/sandbox/testing.ts';
import { testSettings } from '../../lib/testing.ts';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { addMember, writeStudio, writeWidget } from '../../server/front/testing.ts';

export type Surroundings = {
  databaseUrl: string;
  /** A virtual key of the one member. */
  key: string;
  /** Has the built pages, and room for what the front keeps. */
  folder: string;
  remove(): Promise<void>;
};

/** What the front needs around it, in this process and not in the one that is measured. */
export async function surround(): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-bench-gateway-'));
  await Promise.all([writeStudio(join(folder, 'studio')), writeWidget(join(folder, 'widget'))]);
  const postgres = await startTestPostgres();
  const remove = async (): Promise<void> => {
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.url, { info: () => {} });
    await installJobs(postgres.url);
    return { databaseUrl: postgres.url, key: await mintKey(postgres.url), folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function mintKey(url: string): Promise<string> {
  const database = { ...openDatabase(url), url };
  const engine = new FakeEngine();
  const context = createContext(testSettings(url), { log: createLog('bench', 'warn'), database, engine });
  const member = await addMember({ ...context, database, engine, close: async () => {} }, 'ready');
  const key = await mintVirtualKey(context, { userId: member.userId, sandbox: member.sandbox.id });
  await closeContext(context);
  return key;
}
