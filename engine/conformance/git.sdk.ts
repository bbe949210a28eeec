import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

const REPOSITORY = '/home/user/repository';
const AUTHOR = { authorName: 'A Person', authorEmail: 'person@example.com' };

inEverySetting('the git helper', ({ create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
    await sandbox.git.init(REPOSITORY, { initialBranch: 'main' });
    await sandbox.files.write(`${REPOSITORY}/file`, 'one\n');
  });

  it('adds, commits and tells the status', async () => {
    expect(await sandbox.git.status(REPOSITORY)).toMatchObject({ currentBranch: 'main', untrackedCount: 1 });
    await sandbox.git.add(REPOSITORY);
    expect(await sandbox.git.status(REPOSITORY)).toMatchObject({ hasStaged: true, stagedCount: 1 });
    await sandbox.git.commit(REPOSITORY, 'A first "commit"', AUTHOR);
    expect(await sandbox.git.status(REPOSITORY)).toMatchObject({ isClean: true });
    const log = await sandbox.commands.run('git log --format="%an <%ae> %s"', { cwd: REPOSITORY });
    expect(log.stdout).toBe('A Person <person@example.com> A first "commit"\n');
  });

  it('makes, lists, changes and deletes branches', async () => {
    await sandbox.git.createBranch(REPOSITORY, 'side');
    expect(await sandbox.git.branches(REPOSITORY)).toEqual({ branches: ['main', 'side'], currentBranch: 'side' });
    await sandbox.git.checkoutBranch(REPOSITORY, 'main');
    await sandbox.git.deleteBranch(REPOSITORY, 'side');
    expect((await sandbox.git.branches(REPOSITORY)).branches).toEqual(['main']);
  });

  it('pushes to, clones and pulls from a remote', async () => {
    await sandbox.git.init('/home/user/remote.git', { bare: true, initialBranch: 'main' });
    await sandbox.git.remoteAdd(REPOSITORY, 'origin', '/home/user/remote.git');
    expect(await sandbox.git.remoteGet(REPOSITORY, 'origin')).toBe('/home/user/remote.git');
    await sandbox.git.push(REPOSITORY, { remote: 'origin', branch: 'main', setUpstream: true });
    await sandbox.git.clone('/home/user/remote.git', { path: '/home/user/clone' });
    expect(await sandbox.files.read('/home/user/clone/file')).toBe('one\n');
    await sandbox.files.write(`${REPOSITORY}/file`, 'two\n');
    await sandbox.git.add(REPOSITORY, { files: ['file'] });
    await sandbox.git.commit(REPOSITORY, 'Second', AUTHOR);
    await sandbox.git.push(REPOSITORY);
    await sandbox.git.pull('/home/user/clone');
    expect(await sandbox.files.read('/home/user/clone/file')).toBe('two\n');
  });

  it('resets and restores', async () => {
    await sandbox.files.write(`${REPOSITORY}/file`, 'unwanted\n');
    await sandbox.git.restore(REPOSITORY, { paths: ['file'] });
    expect(await sandbox.files.read(`${REPOSITORY}/file`)).toBe('two\n');
    await sandbox.git.reset(REPOSITORY, { mode: 'hard', target: 'HEAD~1' });
    expect(await sandbox.files.read(`${REPOSITORY}/file`)).toBe('one\n');
  });

  it('configures', async () => {
    await sandbox.git.configureUser('Another', 'another@example.com');
    expect(await sandbox.git.getConfig('user.email')).toBe('another@example.com');
    await sandbox.git.setConfig('pull.rebase', 'true', { scope: 'local', path: REPOSITORY });
    expect(await sandbox.git.getConfig('pull.rebase', { scope: 'local', path: REPOSITORY })).toBe('true');
    expect(await sandbox.git.getConfig('no.such')).toBeUndefined();
  });
});
