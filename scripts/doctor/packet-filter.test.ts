import { expect, test } from 'vitest';
import { run } from '../bootstrap/run.mjs';
import { connectionCounts } from './packet-filter.mjs';

/** A kernel without nft_connlimit: everything else works. */
const nft = (works: boolean) => async (args: string[]) =>
  args.includes('-f') && !works
    ? { code: 1, output: '/dev/stdin:5:45-60: Error: Could not process rule: No such file or directory\n  ct state' }
    : { code: 0, output: '' };

test('a kernel that cannot count connections is told, with what nft says', async () => {
  expect(await connectionCounts({ isRoot: true }, nft(true))).toMatchObject([{ level: 'ok' }]);
  const [finding] = await connectionCounts({ isRoot: true }, nft(false));
  expect(finding).toMatchObject({ level: 'fail', fix: expect.stringContaining('nft_connlimit') });
  expect(finding?.why).toMatch(/nft says: .*No such file or directory$/);
});

test('it is silent where nothing can be found out, or another check tells', async () => {
  expect(await connectionCounts({ isRoot: false }, nft(false))).toEqual([]);
  expect(await connectionCounts({ isRoot: true }, async () => ({ code: 127, output: '' }))).toEqual([]);
});

const { code } = await run('nft', ['list', 'tables']);
test.runIf(process.getuid?.() === 0 && code === 0)('the dry run leaves nothing behind', async () => {
  expect(await connectionCounts({ isRoot: true })).toHaveLength(1);
  expect((await run('nft', ['list', 'tables'])).stdout).not.toContain('shmastra_doctor');
});
