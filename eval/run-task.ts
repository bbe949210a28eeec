import { type Bounds, converse, OutOfBounds } from './chat.ts';
import { Conversation } from './conversation.ts';
import type { Result, Task } from './task.ts';
import type { Workspace } from './workspace.ts';

export type FailedCheck = { check: string; found: string };
export type Outcome = {
  name: string;
  ok: boolean;
  ms: number;
  steps: number;
  costMicros: number | null;
  failedChecks: FailedCheck[];
};
/** What was said and done, for people who look for the cause of a failure. */
export type Logged = Outcome & { log: string };

/** Each check is a few requests; one that hangs must not hold up the others. */
const CHECK_MS = 60_000;

export type RunOptions = { bounds: Bounds; sabotage?: boolean };

/** Does one task and looks at what came of it. Never throws: what went wrong is a failed check. */
export async function runTask(task: Task, workspace: Workspace, options: RunOptions): Promise<Logged> {
  const began = performance.now();
  const failedChecks: FailedCheck[] = [];
  let conversation = new Conversation();
  const attempt = async (check: string, what: () => Promise<void>): Promise<boolean> => {
    try {
      await what();
      return true;
    } catch (error) {
      failedChecks.push({ check, found: describe(error) });
      return false;
    }
  };
  const ready = await attempt('set-up', async () => task.setUp?.(workspace));
  const asked = performance.now();
  if (ready) {
    await attempt('the turns end within their bounds', async () => {
      conversation = await converse(workspace, task.turns, {
        ...(task.answers && { answers: task.answers }),
        bounds: options.bounds,
      });
    });
    if (options.sabotage) await attempt('sabotage', async () => task.sabotage?.how(workspace));
    const result: Result = { workspace, conversation };
    for (const { name, run } of task.checks) await attempt(name, () => within(CHECK_MS, run(result)));
  }
  return {
    name: task.name,
    ok: failedChecks.length === 0,
    ms: Math.round(performance.now() - (ready ? asked : began)),
    steps: conversation.steps,
    costMicros: conversation.costMicros,
    failedChecks,
    log: conversation.log,
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${ms / 1000} s`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (error instanceof OutOfBounds) return error.message;
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
