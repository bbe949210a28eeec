import { randomBytes } from 'node:crypto';
import { CapacityError } from '../api/errors.ts';
import type { AddressPool } from '../network/addresses.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import type { Machines, MachineSpec } from './machines.ts';
import type { StartSlots } from './start-slots.ts';
import type { Launch } from './types.ts';

/** Starts machines for template builds. They have no record: what a crash leaves of them is swept at the next start. */
export function createLaunch(parts: {
  machines: Machines;
  slots: StartSlots;
  pool: AddressPool;
  takeAddress(): Promise<number | null>;
  store: SandboxStore;
}): Launch {
  const { machines, slots, pool, store, takeAddress } = parts;
  return async (spec) => {
    const addressIndex = await takeAddress();
    if (addressIndex === null) throw new CapacityError('Every address of ENGINE_SUBNET is taken');
    const machine: MachineSpec = {
      ...spec,
      addressIndex,
      envdToken: randomBytes(24).toString('hex'),
      diskFile: store.diskFile(spec.id),
    };
    try {
      await slots.run(async (signal) => {
        await store.createFolder(spec.id);
        await machines.boot(machine, signal);
        slots.launched += 1;
      });
    } catch (error) {
      await store.removeFolder(spec.id);
      pool.release(addressIndex);
      throw error;
    }

    let destroyed: Promise<void> | undefined;
    const destroy = async () => {
      slots.launched -= 1;
      await machines.takeDown(spec.id, addressIndex);
      await store.removeFolder(spec.id);
      pool.release(addressIndex);
    };
    return {
      id: spec.id,
      address: pool.address(addressIndex),
      envd: machines.envd(machine),
      exportLayer: (targetDir) => machines.exportLayer(spec.id, addressIndex, machine.diskFile, targetDir),
      destroy: () => (destroyed ??= destroy()),
    };
  };
}
