import type { Logger } from 'pino';
import { unfreezeBelow } from '../disk/disk-copy.ts';
import { mountsBelow } from '../disk/mounts.ts';
import { deleteLink, linkName } from '../network/link.ts';
import type { Network } from '../network/network.ts';
import type { Cgroups } from '../runtime/cgroup.ts';
import { isAlive } from '../runtime/process.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import { detachLoopDevices, endStrayHelpers, findMachineIds, sweep } from './leftovers.ts';
import type { Machines } from './machines.ts';
import type { SandboxManager } from './manager.ts';
import type { Sandbox } from './sandbox.ts';

export type Recovered = {
  /** Processes run (or are frozen): nothing was lost. */
  adopted: SandboxRecord[];
  /** Should run, but its processes are gone (a reboot, say): to be started from its disk. */
  restart: SandboxRecord[];
  /** Paused; a resume starts it from its disk. */
  stopped: SandboxRecord[];
  /** Its time was over while no engine ran and it was to be killed then. */
  expired: SandboxRecord[];
};

/** What the host still has of a sandbox. */
export type HostView = { alive(record: SandboxRecord): boolean };

export function createHostView(parts: { instance: string; links: string[]; directory(id: string): string }): HostView {
  return {
    alive(record) {
      if (record.process === null || !isAlive(record.process)) return false;
      const mounts = mountsBelow(parts.directory(record.id));
      return mounts.length >= 2 && parts.links.includes(linkName(parts.instance, record.addressIndex));
    },
  };
}

/** Decides what becomes of each sandbox that a former run of the engine knew. */
export function classify(records: SandboxRecord[], host: HostView, now: number, log: Logger): Recovered {
  const result: Recovered = { adopted: [], restart: [], stopped: [], expired: [] };
  for (const record of records) {
    const expired = record.endAt <= now;
    if (host.alive(record)) result.adopted.push(record);
    else if (record.onTimeout === 'kill' && expired && record.state === 'running') result.expired.push(record);
    else if (record.state === 'running' && !expired) result.restart.push({ ...record, process: null });
    else result.stopped.push({ ...record, state: 'paused', process: null });
  }
  log.info(
    Object.fromEntries(Object.entries(result).map(([name, list]) => [name, list.length])),
    'sandboxes of the former run',
  );
  return result;
}

export type RecoveryParts = {
  instance: string;
  runDir: string;
  runtimeRoot: string;
  cgroups: Cgroups;
  machines: Machines;
  manager: SandboxManager;
  network: Network;
  store: SandboxStore;
  log: Logger;
  entries: { id: string; record: SandboxRecord | null; problem?: unknown }[];
};

/**
 * Takes over the sandboxes of the former run and removes whatever else it left. Those to be started again are started
 * in the background: requests for them wait, the engine does not.
 */
export async function recover(parts: RecoveryParts): Promise<void> {
  const { instance, runDir, machines, manager, network, store, log, entries } = parts;
  const revive = (sandbox: Sandbox) => {
    manager.revive(sandbox).catch((error: unknown) => {
      log.error({ sandbox: sandbox.id, err: error }, 'a sandbox could not be started again');
    });
  };
  await endStrayHelpers([runDir, parts.runtimeRoot, store.directory]);
  await unfreezeBelow(runDir);
  const records = entries.map((entry) => entry.record).filter((record) => record !== null);
  const known = new Set(records.map((record) => JSON.stringify(record)));
  const links = await network.links();
  const host = createHostView({ instance, links, directory: (id) => machines.directory(id) });
  const { adopted, restart, stopped, expired } = classify(records, host, Date.now(), log);

  const alive = new Set(adopted.map((record) => record.id));
  const ids = await findMachineIds(parts);
  await sweep(
    [...ids].filter((id) => !alive.has(id)),
    machines,
    log,
  );
  const keptLinks = new Set(adopted.map((record) => linkName(instance, record.addressIndex)));
  for (const link of links) if (!keptLinks.has(link)) await deleteLink(link);
  await detachLoopDevices(store.directory);

  // A record that cannot be read is kept, for a person to look at; a folder without one belongs to nobody.
  const strays = entries.filter((entry) => entry.record === null && entry.problem === undefined);
  for (const { id } of [...strays, ...expired]) {
    await store.removeRecord(id);
    await store.removeFolder(id);
  }

  for (const record of adopted) {
    network.pool.reserve(record.addressIndex);
    // What the record says was promised to a caller; the engine may have died between the two.
    if (record.state === 'running') machines.thaw(record.id);
    else if (!(await keepFrozen(record, machines, log))) {
      // What does not stand still does not stay: the disk does.
      await machines.takeDown(record.id, record.addressIndex);
      record.process = null;
      await store.save(record);
    }
    manager.adopt(record);
  }
  for (const former of [...restart, ...stopped]) {
    const addressIndex = network.pool.reserve(former.addressIndex) ? former.addressIndex : network.pool.take();
    if (addressIndex === null) {
      log.error({ sandbox: former.id }, 'no address is left for a sandbox');
      continue;
    }
    const record = { ...former, addressIndex };
    // Hibernated ones, of which there may be hundreds, are as they were.
    if (!known.has(JSON.stringify(record))) await store.save(record);
    const sandbox = manager.adopt(record);
    if (record.state === 'running') revive(sandbox);
  }
}

async function keepFrozen(record: SandboxRecord, machines: Machines, log: Logger): Promise<boolean> {
  try {
    await machines.freeze(record.id);
    return true;
  } catch (error) {
    log.error({ sandbox: record.id, err: error }, 'a paused sandbox could not be frozen again: it is stopped');
    return false;
  }
}
