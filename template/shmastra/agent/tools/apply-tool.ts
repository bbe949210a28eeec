import * as z from 'zod/mini';
import type { CheckResult, CheckStage } from '../../runner/project-control.ts';
import type { CheckData, SourceError } from '../turns/chunks.ts';
import { commitTurn, showCommit } from '../turns/commit-turn.ts';
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

const MAX_ERRORS = 20;
const STAGES = ['bundle', 'types', 'import'] as const;

/** How changes go live: checked, committed, and then served; and the way back. */
export function applyTools(context: ToolContext): Record<string, AgentTool> {
  const { tool, turn, control, history, beforeChange } = context;
  let checks = 0;
  return {
    apply_changes: tool({
      name: 'apply_changes',
      description:
        'Checks all changed files (bundle, types, import), commits them with the message and puts them on the air. Call it whenever a piece of work is complete. Errors come back with file and line: mend them and call it again.',
      input: z.object({
        message: z
          .string()
          .check(
            z.minLength(1),
            z.maxLength(200),
            z.describe('What the change does, in the imperative, such as Add agent hello'),
          ),
      }),
      execute: async ({ message }) => {
        await beforeChange();
        const check = await runCheck(context, `check-${++checks}`);
        if (!check.ok) {
          return { ok: false, errors: errorsOf(check), kept: 'Nothing went live. The last good version still serves.' };
        }
        const made = await commitTurn(context, { message, kind: 'change', live: true });
        if (made === null) return { ok: true, note: 'There was nothing to commit: no file has changed.' };
        const { commit, live } = made;
        const files = {
          commit: commit.hash.slice(0, 10),
          files: commit.files,
          added: commit.added,
          removed: commit.removed,
        };
        if (live !== null && 'error' in live) return { ok: false, ...files, errors: [describe(live.error)] };
        return { ok: true, ...files, live: live !== null };
      },
    }),
    undo: tool({
      name: 'undo',
      description:
        'Takes back the newest change of the project that is not undone yet, as a new commit, and puts that on the air.',
      input: z.object({}),
      execute: async () => {
        await beforeChange();
        const commit = await history.undo();
        const live = await control.goLive();
        await showCommit(context, commit, live);
        if ('error' in live) return { ok: false, undone: commit.message, errors: [describe(live.error)] };
        return { ok: true, undone: commit.message };
      },
    }),
  };

  async function runCheck({ turn: shown }: ToolContext, id: string): Promise<CheckResult> {
    const stages = new Map<string, CheckData['stages'][number]>(
      STAGES.map((stage) => [stage, { stage, state: 'running', ms: 0, errors: [] }]),
    );
    const show = (ok: boolean) => shown.put('check', { ok, stages: [...stages.values()] }, id);
    const take = (stage: CheckStage) =>
      stages.set(stage.stage, { ...stage, errors: stage.errors.slice(0, MAX_ERRORS) });
    show(false);
    const result = await control.check((stage) => {
      take(stage);
      show(false);
    });
    // A stage that the check did not come to.
    for (const stage of STAGES) stages.set(stage, { stage, state: 'skipped', ms: 0, errors: [] });
    result.stages.forEach(take);
    show(result.ok);
    turn.signal.throwIfAborted();
    return result;
  }
}

function errorsOf({ stages }: CheckResult): (SourceError & { stage: string })[] {
  return stages
    .filter(({ state }) => state === 'failed')
    .flatMap(({ stage, errors }) => errors.map((error) => ({ stage, ...describe(error) })))
    .slice(0, MAX_ERRORS);
}

const describe = (error: SourceError): SourceError => ({ ...error, message: error.message.slice(0, 1500) });
