import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inCrossedSettings } from './support/settings.ts';

inCrossedSettings('snapshots', ({ sdk, version, transport, connection, create }) => {
  const named = (name: string) => `${name}-${version.replace('.', '-')}-${transport}`;
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create({ metadata: { of: 'source' } });
  });
  const read = async (template: string, file = 'state') => (await create({ template })).files.read(file);

  it('keep the files of a moment, for any number of sandboxes', async () => {
    await sandbox.files.write('state', 'before');
    const snapshot = await sandbox.createSnapshot();
    await sandbox.files.write('state', 'after');
    expect(await Promise.all([read(snapshot.snapshotId), read(snapshot.snapshotId)])).toEqual(['before', 'before']);
    expect(await sandbox.files.read('state')).toBe('after');
    expect((await sandbox.getInfo()).state).toBe('running');
    expect(await sdk.Sandbox.deleteSnapshot(snapshot.snapshotId, connection)).toBe(true);
  });

  it('have names, which mean the newest one', async () => {
    const name = named('named');
    await sandbox.files.write('state', 'one');
    const first = await sandbox.createSnapshot({ name });
    await sandbox.files.write('state', 'two');
    const second = await sdk.Sandbox.createSnapshot(sandbox.sandboxId, { ...connection, name });
    expect(second.snapshotId).toBe(first.snapshotId);
    expect(first.names).toEqual([expect.stringContaining(name)]);
    expect(await read(first.names[0] ?? '')).toBe('two');
    expect(await sdk.Sandbox.deleteSnapshot(first.names[0] ?? '', connection)).toBe(true);
  });

  it('are listed by sandbox, and page by page', async () => {
    const other = await create();
    const made = [await other.createSnapshot(), await other.createSnapshot()];
    const [newest] = await sdk.Sandbox.listSnapshots({ ...connection, sandboxId: other.sandboxId }).nextItems();
    expect(newest?.snapshotId).toBe(made[1]?.snapshotId);
    const pages = other.listSnapshots({ limit: 1 });
    const found: string[] = [];
    while (pages.hasNext) found.push(...(await pages.nextItems()).map(({ snapshotId }) => snapshotId));
    expect(found).toEqual(made.map(({ snapshotId }) => snapshotId).toReversed());
    const everything = await sdk.Sandbox.listSnapshots(connection).nextItems();
    expect(everything.map(({ snapshotId }) => snapshotId)).toEqual(expect.arrayContaining(found));
    for (const { snapshotId } of made) await sdk.Sandbox.deleteSnapshot(snapshotId, connection);
    expect(await other.listSnapshots().nextItems()).toEqual([]);
  });

  it('outlive their sandbox', async () => {
    const brief = await create();
    await brief.files.write('state', 'left');
    const { snapshotId } = await brief.createSnapshot();
    await brief.kill();
    expect(await read(snapshotId)).toBe('left');
    await sdk.Sandbox.deleteSnapshot(snapshotId, connection);
  });

  it('can be made of snapshots', async () => {
    await sandbox.files.write('state', 'first');
    const first = await sandbox.createSnapshot();
    const child = await create({ template: first.snapshotId });
    await child.files.write('more', 'second');
    const second = await child.createSnapshot();
    const grandchild = await create({ template: second.snapshotId });
    expect([await grandchild.files.read('state'), await grandchild.files.read('more')]).toEqual(['first', 'second']);
    for (const { snapshotId } of [second, first]) await sdk.Sandbox.deleteSnapshot(snapshotId, connection);
  });

  it('are gone once they are deleted', async () => {
    const { snapshotId } = await sandbox.createSnapshot();
    expect(await sdk.Sandbox.deleteSnapshot(snapshotId, connection)).toBe(true);
    expect(await sdk.Sandbox.deleteSnapshot(snapshotId, connection)).toBe(false);
    await expect(create({ template: snapshotId })).rejects.toThrow(/404/);
    await expect(sdk.Sandbox.createSnapshot('inone', connection)).rejects.toThrow(sdk.SandboxNotFoundError);
  });
});
