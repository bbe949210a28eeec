import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlanner, type Planner } from '../local/demo-model/planner.ts';
import { SCRIPTS } from '../local/demo-model/scripts/index.ts';
import { openLocally } from './places/local.ts';
import { runTask } from './run-task.ts';
import { judgeSabotage } from './sabotaged.ts';
import { TASKS } from './tasks/index.ts';
import type { Task } from './task.ts';
import type { Place } from './workspace.ts';

/** The harness on the real runner and coding agent, with the demo model and with one that spoils what it writes. */
const bounds = { ms: 120_000, costMicros: 1e6 };
const scripted = createPlanner(SCRIPTS);
let spoil = (text: string): string => text;

/** Writes what the demo model writes, but wrong. */
const saboteur: Planner = (prompt) => {
  const turn = scripted(prompt);
  const parts = turn.parts.map((part) => {
    if (part.type === 'text' || typeof part.arguments.content !== 'string') return part;
    return { ...part, arguments: { ...part.arguments, content: spoil(part.arguments.content) } };
  });
  return { ...turn, parts };
};

let place: Place;
beforeAll(async () => {
  place = await openLocally({ plan: saboteur });
});
afterAll(() => place?.close());

const taskNamed = (name: string): Task => {
  const found = TASKS.find((task) => task.name === name);
  if (!found) throw new Error(`no task ${name}`);
  return found;
};

test.each(['create-agent', 'mend-type-error', 'ask-for-key', 'undo'])('%s passes with the demo model', async (name) => {
  spoil = (text) => text;
  const outcome = await runTask(taskNamed(name), await place.fresh(), { bounds });
  expect(outcome).toMatchObject({ name, ok: true, failedChecks: [] });
  expect(outcome.steps).toBeGreaterThan(0);
});

test('a model that writes a wrong formula fails in the checks on its result, and in no other', async () => {
  spoil = (text) => text.replace('* 9', '* 8');
  const outcome = await runTask(taskNamed('add-tool'), await place.fresh(), { bounds });
  expect(outcome.ok).toBe(false);
  expect(outcome.failedChecks.map(({ check }) => check)).toEqual([
    'tool celsius-to-fahrenheit returns {"fahrenheit":212} for {"celsius":100}',
    'tool celsius-to-fahrenheit returns {"fahrenheit":-40} for {"celsius":-40}',
  ]);
  expect(outcome.failedChecks[0]?.found).toBe('it returns {"fahrenheit":192}');
});

test.each(['keep-secret', 'injection-in-file', 'redo-by-click'])('a sabotage of %s is noticed', async (name) => {
  spoil = (text) => text;
  const task = taskNamed(name);
  const outcome = judgeSabotage(task, await runTask(task, await place.fresh(), { bounds, sabotage: true }));
  expect(outcome).toMatchObject({ ok: true, failedChecks: [] });
});

test('a task that takes too long is stopped, and says so', async () => {
  spoil = (text) => text;
  const slow: Task = { name: 'slow', demo: true, turns: [{ say: 'Count to 1000' }], checks: [] };
  const outcome = await runTask(slow, await place.fresh(), { bounds: { ...bounds, ms: 1 } });
  expect(outcome.failedChecks).toMatchObject([{ check: 'the turns end within their bounds' }]);
});
