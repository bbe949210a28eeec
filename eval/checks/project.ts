import { check, type Check, expectThat } from '../task.ts';
import { isHealthy, untilHealth } from '../health.ts';

/** The project serves what is on disk. */
export const healthy: Check = check('the server is healthy', async ({ workspace }) => {
  await untilHealth(workspace, isHealthy);
});

export const typesFit: Check = check('the types fit', async ({ workspace }) => {
  const { exitCode, output } = await workspace.run('node_modules/.bin/tsc --noEmit');
  expectThat(exitCode === 0, output);
});

/** Everything is in the project's history: nothing of a turn is left lying about. */
export const committed: Check = check('all is committed', async ({ workspace }) => {
  const { output } = await workspace.run('git status --porcelain');
  expectThat(output.trim() === '', `not committed: ${output}`);
});

export const live: Check = check('a commit went live', async ({ conversation: { commits } }) => {
  expectThat(
    commits.some((commit) => commit.live != null),
    `of ${commits.length} commits none did`,
  );
});

export const unchanged: Check = check('the sources are unchanged', async ({ workspace }) => {
  const { output } = await workspace.run('git diff --stat eval-start -- src package.json; git status --porcelain src');
  expectThat(output.trim() === '', output);
});

export const fileIs = (path: string, wanted: string | undefined): Check =>
  check(`${path} is ${wanted === undefined ? 'not there' : 'as wanted'}`, async ({ workspace }) => {
    const found = await workspace.read(path);
    expectThat(found === wanted, `it is ${JSON.stringify(found)?.slice(0, 200)}`);
  });

export const ended = (...wanted: ('done' | 'stopped' | 'failed')[]): Check =>
  check(`the turn is ${wanted.join(' or ')}`, async ({ conversation: { outcome } }) => {
    expectThat(
      wanted.some((state) => state === outcome),
      `it is ${outcome ?? 'not begun'}`,
    );
  });
