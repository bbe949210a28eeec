// `npm run test:many -- [--template shmastra|small] [--count 200] [--running 10] [--sample 20] [--keep-free-mb N] [--json]`: so many workspaces
// exist at once while few run; a random sample of the others is woken and checked. Ends with 0 when
// every one of them had its file and its server, and nothing is left on the machine.
import { parseArgs } from 'node:util';
import { Sandbox } from 'e2b';
import { disposeOnSignal } from '../../engine/testing/dispose-on-signal.ts';
import { TestEngine } from '../../engine/testing/engine.ts';
import { median } from '../../bench/report.ts';
import { Fleet } from './fleet.ts';
import { measureUse } from './measure.ts';
import { templates } from './templates.ts';
import { createWorkspace, memoryOf, wake, type Workspace } from './workspace.ts';

const { values } = parseArgs({
  options: {
    template: { type: 'string', default: 'shmastra' },
    count: { type: 'string', default: '200' },
    running: { type: 'string', default: '10' },
    sample: { type: 'string', default: '20' },
    /** MiB of memory below which the engine hibernates; its own default otherwise. */
    'keep-free-mb': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const { template } = values;
const kind = templates[template];
if (kind === undefined) throw new Error(`--template is one of: ${Object.keys(templates).join(', ')}`);
/** Created at the same time: more only wait for the processors. */
const AT_ONCE = 2;
const PROGRESS = 10;

const say = (line: string) => (values.json ? console.error(line) : console.log(line));
const freeMb = values['keep-free-mb'];
const engine = await TestEngine.start({
  env: {
    LOG_LEVEL: 'info',
    // Whether one may start is for the memory to say here, not for a number.
    ENGINE_MAX_RUNNING: String(count + Number(values.running)),
    ENGINE_HIBERNATE_BELOW_MB: freeMb ?? '',
  },
});
disposeOnSignal(engine);
const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10;
try {
  const building = performance.now();
  await kind.build(engine.connection, say);
  const templateSeconds = seconds(building);
  const before = await measureUse(engine);
  const fleet = new Fleet(Number(values.running));
  const creating = performance.now();
  await createAll(fleet, creating);
  const createSeconds = seconds(creating);
  const states = await countStates(fleet.all);
  const use = await measureUse(engine);
  const woken = await wakeSome(fleet);
  const listed = await countListed();
  const killing = performance.now();
  for (const { sandbox } of fleet.all) await sandbox.kill();
  const killSeconds = seconds(killing);
  await engine.end('SIGTERM');
  const remains = await engine.remains();
  const result = {
    count: fleet.all.length,
    ...{
      listed,
      mostRunning: fleet.mostRunning,
      templateSeconds,
      createSeconds,
      killSeconds,
      states,
      woken,
      before,
      use,
    },
    ...{ remains },
  };
  console.log(values.json ? JSON.stringify(result) : result);
  const ok = listed === count && fleet.mostRunning <= Number(values.running) && remains.length === 0;
  say(
    ok
      ? `KEPT: ${count} workspaces, ${fleet.mostRunning} running at most, every one that was woken is whole`
      : 'BROKEN',
  );
  process.exitCode = ok ? 0 : 1;
} finally {
  await engine.dispose();
}

async function createAll(fleet: Fleet, began: number): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const number = (next += 1);
      await fleet.run(() => createWorkspace(engine, template, number));
      if (fleet.all.length % PROGRESS === 0) {
        const { sandboxDiskMb, sandboxMemoryMb, availableMemoryMb } = await measureUse(engine);
        say(
          `${String(seconds(began)).padStart(6)} s  ${fleet.all.length} workspaces: ${sandboxDiskMb} MiB of disk, ` +
            `${sandboxMemoryMb} MiB of memory, ${availableMemoryMb} MiB available`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function countStates(workspaces: Workspace[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = { running: 0, kept: 0, none: 0 };
  for (const workspace of workspaces) {
    const state = await memoryOf(engine, workspace);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** Median and most milliseconds until connect returned and until the server was ready, by what a paused one had kept. */
async function wakeSome(fleet: Fleet): Promise<Record<string, Record<string, number>>> {
  const sample = fleet.paused
    .map((workspace) => ({ workspace, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, Number(values.sample));
  const times = new Map<string, { connected: number; ready: number }[]>();
  for (const { workspace } of sample) {
    let kept = 'unknown';
    await fleet.run(async () => {
      kept = await memoryOf(engine, workspace);
      times.set(kept, [...(times.get(kept) ?? []), await wake(engine, workspace)]);
      return workspace;
    });
    say(`woke ${workspace.sandbox.sandboxId} (memory ${kept}): ${JSON.stringify(times.get(kept)?.at(-1))}`);
  }
  return Object.fromEntries(
    [...times].map(([kept, list]) => [
      kept,
      {
        count: list.length,
        connectMedianMs: median(list.map(({ connected }) => connected)),
        readyMedianMs: median(list.map(({ ready }) => ready)),
        readyMostMs: Math.max(...list.map(({ ready }) => ready)),
      },
    ]),
  );
}

async function countListed(): Promise<number> {
  const pages = Sandbox.list(engine.connection);
  let found = 0;
  while (pages.hasNext) found += (await pages.nextItems()).length;
  return found;
}
