import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { runDirectory } from '../config.ts';
import { command } from '../runtime/command.ts';
import { createCgroups } from '../runtime/cgroup.ts';
import { waitUntil } from '../runtime/wait.ts';
import { removeHostState } from '../state/instance.ts';
import type { TestEngine } from '../testing/engine.ts';

const DETACH_MS = 30_000;
const COPY_MS = 60_000;

/**
 * What a power failure does to the sandboxes of an engine that was killed just now: every process ends at once, and each
 * disk has what was written to its device by then. What the kernel still kept for later is lost.
 */
export async function cutPower({ instance, subnet, dataDir }: TestEngine): Promise<void> {
  const cgroups = createCgroups();
  const parent = `/shmastra-${instance}`;
  await Promise.all(cgroups.children(parent).map((id) => cgroups.kill(`${parent}/${id}`, 5000)));
  const mounted = mountedDisks(runDirectory(instance));
  const images = mounted.map(({ id, device }) => ({ device, file: path.join(dataDir, 'sandboxes', id, 'disk.img') }));
  await Promise.all(images.map(({ device, file }) => copyAtOneMoment(device, file, `${file}.cut`)));
  // Unmounting writes down in order what the copies must not have.
  await removeHostState({ instance, subnet });
  // Sandboxes that others start have copies of all mounts for a moment, and with them the disks.
  const detached = async () => !(await command('losetup', ['--list', '--output', 'BACK-FILE'])).includes(`${dataDir}/`);
  if (!(await waitUntil(detached, DETACH_MS, 50))) throw new Error('a disk is still in use after the power cut');
  for (const { file } of images) await rename(`${file}.cut`, file);
}

function mountedDisks(run: string): { id: string; device: string }[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[4]?.startsWith(`${run}/`) && fields[4].endsWith('/disk'))
    .map((fields) => ({
      id: path.basename(path.dirname(fields[4] ?? '')),
      device: fields[fields.indexOf('-') + 2] ?? '',
    }));
}

/** A copy that nothing was written in the middle of. */
async function copyAtOneMoment(device: string, file: string, copy: string): Promise<void> {
  const quiet = await waitUntil(
    async () => {
      const before = writes(device);
      await command('cp', ['--sparse=auto', file, copy], { timeoutMs: COPY_MS });
      const after = writes(device);
      return before === after && before !== null;
    },
    COPY_MS,
    100,
  );
  if (!quiet) throw new Error(`${device} is written to without end`);
}

/** How often the device was written to, discards included; null while a write is under way. */
function writes(device: string): string | null {
  const fields = readFileSync(`/sys/block/${path.basename(device)}/stat`, 'latin1')
    .trim()
    .split(/\s+/);
  return fields[8] === '0' ? `${fields[4]} ${fields[11]}` : null;
}
