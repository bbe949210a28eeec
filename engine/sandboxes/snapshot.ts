import type { SandboxStore } from '../state/sandbox-store.ts';
import type { Machines } from './machines.ts';
import type { Sandbox } from './sandbox.ts';
import type { StartSlots } from './start-slots.ts';
import type { SnapshotInfo, Snapshots, SnapshotSource } from './types.ts';

export type SnapshotParts = {
  machines: Pick<Machines, 'copyLayer'>;
  store: Pick<SandboxStore, 'diskFile'>;
  slots: Pick<StartSlots, 'signal'>;
  snapshots(): Snapshots;
};

/**
 * Makes a template of a sandbox: its layers and a copy of its writable one. It stands still while that is copied,
 * whatever its state. The caller holds its mutex.
 * @throws BadRequestError, DiskFullError, HostError; nothing is left then
 */
export async function takeSnapshot(
  parts: SnapshotParts,
  { id, record }: Sandbox,
  name: string | undefined,
): Promise<SnapshotInfo> {
  const snapshots = parts.snapshots();
  const { layers, envVars, user, workdir, startCmd, cpuCount, memoryMb } = record;
  const source: SnapshotSource = {
    ...{ id, layers, env: envVars, user, cpuCount, memoryMb },
    ...(workdir === undefined ? {} : { workdir }),
    ...(startCmd === undefined ? {} : { startCmd }),
  };
  return snapshots.create(source, name, (folder) =>
    parts.machines.copyLayer(id, parts.store.diskFile(id), folder, parts.slots.signal),
  );
}
