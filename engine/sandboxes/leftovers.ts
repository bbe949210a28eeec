import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { signal, type Cgroups } from '../runtime/cgroup.ts';
import { command } from '../runtime/command.ts';
import { commandLine } from '../runtime/process.ts';
import { waitUntil } from '../runtime/wait.ts';
import type { Machines } from './machines.ts';

const LoopDevices = z.object({
  loopdevices: z.array(z.object({ name: z.string(), 'back-file': z.string().nullable() })),
});

/**
 * Ids under which a former run of this instance left something on the host: a cgroup, a mount, a folder or state of
 * the OCI runtime.
 */
export async function findMachineIds(parts: {
  instance: string;
  runDir: string;
  runtimeRoot: string;
  cgroups: Cgroups;
}): Promise<Set<string>> {
  // The engine's own socket and lock lie beside the machines.
  const names = async (directory: string) =>
    (await readdir(directory).catch(() => [])).filter((name) => /^[a-z0-9]+$/.test(name));
  return new Set([
    ...parts.cgroups.children(`/shmastra-${parts.instance}`),
    ...(await names(parts.runDir)),
    ...(await names(parts.runtimeRoot)),
  ]);
}

/**
 * Programs that a killed engine had started (runc, mount, cp...) may still be at work on our folders; they are ended
 * before anything is looked at. Processes in sandboxes are never root on the host.
 */
export async function endStrayHelpers(folders: string[]): Promise<void> {
  const stray = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(Number)
      .filter((pid) => isOwnedByRoot(pid) && folders.some((folder) => commandLine(pid).includes(`${folder}/`)))
      .filter((pid) => !isEngine(pid));
  await waitUntil(() => {
    const left = stray();
    for (const pid of left) signal(pid, 'SIGKILL');
    return left.length === 0;
  }, 3000);
}

function isOwnedByRoot(pid: number): boolean {
  try {
    // The owner of /proc/<pid> is root too for processes that are not dumpable, hence the real uid.
    return /^Uid:\s+0\s/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')) && statSync(`/proc/${pid}`).isDirectory();
  } catch {
    return false;
  }
}

/** The engine and its command line tool name the folders too. */
function isEngine(pid: number): boolean {
  return /\bnode\b/.test(commandLine(pid).split('\0')[0] ?? '');
}

/** Takes down each of `ids`. Failures are logged and left to the next sweep. */
export async function sweep(ids: Iterable<string>, machines: Machines, log: Logger): Promise<void> {
  for (const id of ids) {
    try {
      await machines.takeDown(id, null);
      log.info({ sandbox: id }, 'removed leftovers of a former run');
    } catch (error) {
      log.error({ sandbox: id, err: error }, 'leftovers of a former run could not be removed');
    }
  }
}

/** Frees loop devices on files of `folder` that nothing has mounted. */
export async function detachLoopDevices(folder: string): Promise<void> {
  const output = await command('losetup', ['--json', '--list', '--output', 'NAME,BACK-FILE']);
  if (output.trim() === '') return;
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  for (const device of LoopDevices.parse(JSON.parse(output)).loopdevices) {
    const ours = device['back-file']?.startsWith(`${folder}${path.sep}`);
    if (ours && !mounts.includes(` ${device.name} `))
      await command('losetup', ['--detach', device.name]).catch(() => {});
  }
}
