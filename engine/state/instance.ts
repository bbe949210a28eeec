import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';
import { runDirectory } from '../config.ts';
import { unfreezeBelow } from '../disk/disk-copy.ts';
import { unmountBelow } from '../disk/mounts.ts';
import { removeNetwork } from '../network/network.ts';
import { createCgroups } from '../runtime/cgroup.ts';
import { SHIFTED_ROOT } from '../runtime/oci-config.ts';
import { isAlive } from '../runtime/process.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { lockFile, readHolder } from './engine-lock.ts';

const Instance = z.object({ instance: z.string(), subnet: z.string() });
export type Instance = z.infer<typeof Instance>;

/** Files of layers and disks belong to ids from here on; the first engines had 100000 and did not write it down. */
const Remembered = Instance.extend({ shiftedRoot: z.number().default(100_000) });

const fileOf = (dataDir: string) => path.join(dataDir, 'instance.json');

export async function readInstance(dataDir: string): Promise<z.infer<typeof Remembered> | null> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : Remembered.parse(JSON.parse(text));
}

/**
 * Writes down under which names this data folder's engine is on the host. When they change, everything under the old
 * ones goes: its sandboxes start again from their disks.
 * @throws HostError when the files in the folder belong to ids that sandboxes do not have any more
 */
export async function rememberInstance(dataDir: string, current: Instance, log: Logger): Promise<void> {
  const former = await readInstance(dataDir);
  if (former !== null && former.shiftedRoot !== SHIFTED_ROOT) {
    throw new HostError(
      `the layers and disks in ${dataDir} belong to host ids from ${former.shiftedRoot} on, sandboxes have ids from ` +
        `${SHIFTED_ROOT} on: remove the folder or set ENGINE_DATA_DIR to another one`,
    );
  }
  if (former !== null && (former.instance !== current.instance || former.subnet !== current.subnet)) {
    const holder = await readHolder(lockFile(runDirectory(former.instance)));
    if (former.instance !== current.instance && holder !== null && isAlive(holder)) {
      throw new HostError(
        `${dataDir} was used by instance ${former.instance}, which now runs on another folder (process ${holder.pid}): ` +
          'stop it first',
      );
    }
    log.warn({ former, current }, 'instance or subnet changed: sandboxes start again from their disks');
    await removeHostState(former);
  }
  await writeFileAtomic(fileOf(dataDir), JSON.stringify({ ...current, shiftedRoot: SHIFTED_ROOT }));
}

/** Ends every process of the instance's sandboxes and removes its mounts, cgroups, links, routes and nft table. */
export async function removeHostState({ instance, subnet }: Instance): Promise<void> {
  const cgroups = createCgroups();
  const parent = `/shmastra-${instance}`;
  await Promise.all(cgroups.children(parent).map((id) => cgroups.kill(`${parent}/${id}`, 5000)));
  await unfreezeBelow(runDirectory(instance));
  await unmountBelow(runDirectory(instance));
  await cgroups.remove(parent);
  await removeNetwork(instance, subnet);
  await rm(runDirectory(instance), { recursive: true, force: true });
}
