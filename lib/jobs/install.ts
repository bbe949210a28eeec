import { PgBoss } from 'pg-boss';
import { JOBS_SCHEMA, QUEUE_NAMES, QUEUE_OPTIONS } from './queues.ts';

/** Creates or upgrades pg-boss's schema and our queues. Several processes may call it at once. */
export async function installJobs(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema: JOBS_SCHEMA, supervise: false, schedule: false, max: 2 });
  // What goes wrong also fails the calls below.
  boss.on('error', () => {});
  try {
    await boss.start();
    for (const name of QUEUE_NAMES) {
      await boss.createQueue(name, QUEUE_OPTIONS);
      const { policy: _fixedAtCreation, ...options } = QUEUE_OPTIONS;
      await boss.updateQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}
