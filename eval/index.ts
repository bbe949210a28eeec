// `npm run eval -- [--task <name>]… [--model <provider>/<model>] [--provider-key <variable>] [--local] [--sabotage]
// [--minutes 8] [--dollars 1] [--verbose] [--json]`: what the coding agent can do, by what runs afterwards. docs/evaluation.md tells more.
import { parseArgs } from 'node:util';
import { chooseProvider, type Provider } from './providers.ts';
import { HEAD, makeReport, summary, taskLines } from './report.ts';
import { runTask, type Outcome } from './run-task.ts';
import { judgeSabotage } from './sabotaged.ts';
import { TASKS } from './tasks/index.ts';
import type { Task } from './task.ts';
import type { Place } from './workspace.ts';

const { values } = parseArgs({
  options: {
    task: { type: 'string', multiple: true, default: [] },
    model: { type: 'string' },
    'provider-key': { type: 'string' },
    local: { type: 'boolean', default: false },
    sabotage: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '8' },
    dollars: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { model, local, sabotage } = values;
  const providerKey = values['provider-key'];
  // What is in the environment anyway does not count here: nobody asked for it.
  const provider: Provider =
    local && !model && !providerKey
      ? { settings: {}, model: null }
      : chooseProvider({ ...(model && { model }), ...(providerKey && { providerKey }) }, process.env);
  if (local && provider.model !== null) {
    throw new Error(
      '--local has no sandbox around it: a real model runs commands, and is evaluated without --local only',
    );
  }
  const bounds = { ms: positive('minutes') * 60_000, costMicros: positive('dollars') * 1e6 };
  const chosen = chooseTasks().filter((task) => !sabotage || task.sabotage !== undefined);
  const playable = chosen.filter(({ demo }) => demo || provider.model !== null);
  const notApplicable = chosen.filter((task) => !playable.includes(task)).map(({ name }) => name);

  const tasks: Outcome[] = [];
  const place = await openPlace(local, provider);
  const interrupted = (): void => void place.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    console.log(HEAD);
    for (const task of playable) {
      const { log, ...outcome } = await runTask(task, await place.fresh(), { bounds, sabotage });
      tasks.push(sabotage ? judgeSabotage(task, outcome) : outcome);
      console.log(taskLines(tasks.at(-1) ?? outcome));
      if (values.verbose) console.log(log);
    }
  } finally {
    await place.close();
  }
  const report = makeReport({ model: provider.model, place: place.name, notApplicable, tasks, sabotaged: sabotage });
  console.log(summary(report));
  if (values.json) console.log(JSON.stringify(report));
  process.exitCode = report.failed > 0 ? 1 : 0;
}

function chooseTasks(): readonly Task[] {
  const unknown = values.task.filter((name) => !TASKS.some((task) => task.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such task: ${unknown.join(', ')}. There are ${TASKS.map(({ name }) => name).join(', ')}`);
  }
  return values.task.length === 0 ? TASKS : TASKS.filter(({ name }) => values.task.includes(name));
}

async function openPlace(local: boolean, provider: Provider): Promise<Place> {
  if (local) return (await import('./places/local.ts')).openLocally();
  return (await import('./places/sandbox.ts')).openSandboxes(provider.settings);
}

function positive(name: 'minutes' | 'dollars'): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} is a number above 0`);
  return value;
}
