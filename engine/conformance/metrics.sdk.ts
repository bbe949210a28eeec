import { expect, it } from 'vitest';
import { inCrossedSettings } from './support/settings.ts';

const MIB = 1024 * 1024;

inCrossedSettings('metrics', ({ sdk, connection, create }) => {
  it('tell what a sandbox uses, within the time that is asked for', async () => {
    const start = new Date();
    const sandbox = await create();
    await sandbox.commands.run('dd if=/dev/zero of=filler bs=1M count=64 conv=fsync 2>/dev/null');
    await expect
      .poll(async () => (await sandbox.getMetrics()).some(({ diskUsed }) => diskUsed > 64 * MIB), { timeout: 30_000 })
      .toBe(true);
    const metrics = await sdk.Sandbox.getMetrics(sandbox.sandboxId, connection);
    const info = await sandbox.getInfo();
    for (const one of metrics) {
      expect(one.cpuCount).toBe(info.cpuCount);
      expect(one.cpuUsedPct).toBeGreaterThanOrEqual(0);
      expect(one.memTotal).toBe(info.memoryMB * MIB);
      expect(one.memUsed).toBeGreaterThan(MIB);
      expect(one.memUsed).toBeLessThan(one.memTotal);
      expect(one.memCache).toBeGreaterThanOrEqual(0);
      expect(one.diskTotal).toBeGreaterThan(one.diskUsed);
      expect(one.timestamp.getTime()).toBeGreaterThanOrEqual(start.getTime() - 10_000);
    }
    const times = metrics.map(({ timestamp }) => timestamp.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await sandbox.getMetrics({ start, end: new Date() })).not.toEqual([]);
    const longAgo = { start: new Date(start.getTime() - 7_200_000), end: new Date(start.getTime() - 3_600_000) };
    expect(await sandbox.getMetrics(longAgo)).toEqual([]);
  });
});
