import { isHealthy, untilHealth } from '../health.ts';
import type { Workspace } from '../workspace.ts';

/** The state to which a workspace goes back before each task, under a tag of the project's own repository. */
const START = 'eval-start';

/** Marks how the project is now. */
export async function markStart(workspace: Workspace): Promise<void> {
  const script = [
    'set -e',
    'test -d .git || git init -q -b main',
    'git add -A',
    'git diff --cached --quiet || git -c user.name=Evaluation -c user.email=evaluation@localhost commit -q -m "Start of the evaluation"',
    `git tag -f ${START} >/dev/null`,
  ];
  await succeed(workspace, script.join('\n'));
}

/** Undoes all that a task did: commits, files, variables, packages that it added. */
export async function resetToStart(workspace: Workspace): Promise<void> {
  const script = [
    'set -e',
    'git merge --abort 2>/dev/null || true',
    'lock=$(git hash-object pnpm-lock.yaml package.json 2>/dev/null || true)',
    `git checkout -q -f -B "$(git symbolic-ref -q --short HEAD || echo main)" ${START}`,
    'git clean -fdq',
    'rm -f .env',
    'test "$lock" = "$(git hash-object pnpm-lock.yaml package.json 2>/dev/null || true)" || pnpm install --offline --frozen-lockfile',
  ];
  await succeed(workspace, script.join('\n'));
  await untilHealth(workspace, isHealthy);
}

async function succeed(workspace: Workspace, script: string): Promise<void> {
  const { exitCode, output } = await workspace.run(script);
  if (exitCode !== 0) throw new Error(`the workspace could not be made ready: ${output.slice(-1000)}`);
}
