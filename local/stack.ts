import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../lib/db/migrate.ts';
import { installJobs } from '../lib/jobs/install.ts';
import { loadSettings } from '../lib/settings.ts';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import type { Progress } from '../scripts/bootstrap/progress.mjs';
import { processEnv } from '../scripts/bootstrap/run.mjs';
import type { Box } from './box.ts';
import { buildPages, buildStudio, buildTemplate, buildWidget } from './builds.ts';
import { controlPlaneEnvironment } from './environment.ts';
import { ensureEngineKey } from './engine-key.ts';
import { databaseUrl, ensureCluster, ensureDatabase, postgresService } from './postgres.ts';
import { status } from './probe.ts';
import { type Service, type ServiceSpec, createService } from './service.ts';
import { demoModelService, engineService, frontService, localAddress, webService, workerService } from './services.ts';
import { waitUntil } from './wait.ts';

export type Started = { engineKey: string };
export type Stack = ReturnType<typeof createStack>;

const HEALTHY_MS = 60_000;
const STEP_ENDS_MS = 10_000;
/** From the outside in: nobody is asked by somebody who is still there. */
const STOP_ORDER = [['front'], ['web', 'worker', 'demo-model'], ['engine'], ['postgres']];

/** All processes of the box and the order between them. */
export function createStack(box: Box, progress: Progress, signal: AbortSignal) {
  const services = new Map<string, Service>();
  const work: Promise<unknown>[] = [];
  const host = { logs: box.logs, records: box.records, warn: progress.warn, signal };

  async function begin(spec: ServiceSpec): Promise<void> {
    if (signal.aborted) return;
    const service = createService(spec, host);
    services.set(spec.name, service);
    await progress.run(`Starting ${spec.name}`, () => service.start());
  }

  async function database(): Promise<void> {
    await progress.run('Preparing the database', () => ensureCluster(box.postgres, signal));
    await begin(postgresService(box.postgres, { PATH: box.env['PATH'] ?? '' }));
    if (signal.aborted) return;
    await ensureDatabase(box.postgres);
    await progress.run('Bringing the database up to date', async () => {
      await migrate(databaseUrl(box.postgres), { info: () => {} });
      await installJobs(databaseUrl(box.postgres));
    });
  }

  async function engine(): Promise<string> {
    await begin(engineService(box));
    return signal.aborted ? '' : ensureEngineKey(box);
  }

  async function template(engineKey: string): Promise<void> {
    if (signal.aborted) return;
    await progress.run('Preparing the sandbox template', (step) =>
      buildTemplate(box, engineKey, { signal, onLine: step.detail }),
    );
  }

  const studio = () => progress.run('Preparing Studio', (step) => buildStudio(box, { signal, onLine: step.detail }));
  const widget = () =>
    progress.run('Preparing the widget', (step) => buildWidget(box, { signal, onLine: step.detail }));
  const pages = (studioReady: Promise<void>) =>
    progress.run('Preparing the pages', (step) => buildPages(box, { signal, onLine: step.detail }, studioReady));

  /** The slowest to start, so it begins with the key of the last run; should the engine have forgotten that, once more. */
  async function web(ready: Promise<unknown>, engineKey: Promise<string>): Promise<void> {
    const known = box.secrets.engineKey;
    const [first] = await Promise.all([known ?? engineKey, ready]);
    await begin(webService(box, first));
    const key = await engineKey;
    if (key === first || signal.aborted) return;
    await services.get('web')?.stop();
    await begin(webService(box, key));
  }

  /** Starts everything, each part as soon as what it needs is there. Null when a stop came in between. */
  async function start(): Promise<Started | null> {
    // All problems of the settings at once, before anything runs.
    checkSettings(box);
    const databaseReady = database();
    const engineReady = engine();
    const studioReady = studio();
    const widgetReady = widget();
    const templateReady = engineReady.then(template);
    const controlPlane = Promise.all([databaseReady, engineReady]).then(([, key]) => key);
    work.push(
      begin(demoModelService(box)),
      web(Promise.all([databaseReady, pages(studioReady)]), engineReady),
      Promise.all([controlPlane, studioReady, widgetReady]).then(([key]) => begin(frontService(box, key))),
      Promise.all([controlPlane, templateReady]).then(([key]) => begin(workerService(box, key))),
    );
    await Promise.all(work);
    if (signal.aborted) return null;
    await progress.run('Waiting until a user could sign in', () => healthy());
    return signal.aborted ? null : { engineKey: await engineReady };
  }

  async function healthy(): Promise<void> {
    const target = { host: localAddress(box.host), port: box.port, path: '/health' };
    const ok = await waitUntil(async () => signal.aborted || (await status(target)) === 200, { withinMs: HEALTHY_MS });
    if (ok) return;
    throw new StartError('Shmastra Cloud started but is not healthy.', {
      why: `GET /health answered ${(await status(target)) ?? 'nothing'}`,
      log: box.logs,
      next: 'the logs of front and web say more',
    });
  }

  return {
    start,
    logs: ['postgres', 'engine', 'demo-model', 'web', 'front', 'worker'].map((name) =>
      path.join(box.logs, `${name}.log`),
    ),
    async stop(): Promise<void> {
      // Steps under way end by the signal; what they started meanwhile is among the services then.
      await Promise.race([Promise.allSettled(work), sleep(STEP_ENDS_MS, undefined, { ref: false })]);
      for (const names of STOP_ORDER) {
        await Promise.all(names.map((name) => services.get(name)?.stop()));
      }
    },
    kill(): void {
      for (const service of services.values()) service.kill();
    },
  };
}

/** Runs the control plane's own check of its settings. */
function checkSettings(box: Box): void {
  try {
    // Any key of the right form: the real one is known when the engine runs.
    loadSettings(processEnv(controlPlaneEnvironment(box, 'e2b_00')));
  } catch (error) {
    const problems =
      error instanceof Error && 'problems' in error && Array.isArray(error.problems) ? error.problems : null;
    if (!problems) throw error;
    throw new StartError('Some settings are wrong.', {
      output: problems.join('\n'),
      next: 'mend them in the environment or in .env (.env.example explains each), then start again',
    });
  }
}
