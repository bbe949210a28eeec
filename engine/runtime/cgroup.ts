import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HostError } from '../api/errors.ts';
import { waitUntil } from './wait.ts';

/** Control of one sandbox's processes as a whole. Paths are those of OCI's cgroupsPath: `/shmastra-<instance>/<id>`. */
export type Cgroups = {
  version: 1 | 2;
  /** @throws HostError when not every process stands still after 2 s; they run again then. */
  freeze(cgroup: string): Promise<void>;
  thaw(cgroup: string): void;
  isFrozen(cgroup: string): boolean;
  processes(cgroup: string): number[];
  /** SIGKILL for every process, frozen or not. @returns false when some are left after `timeoutMs`. */
  kill(cgroup: string, timeoutMs: number): Promise<boolean>;
  /** Removes the cgroup and those below it. Processes must have ended. @throws HostError when one stays for 5 s */
  remove(cgroup: string): Promise<void>;
  /** Names of the cgroups below `parent`. */
  children(parent: string): string[];
};

export function createCgroups(root = '/sys/fs/cgroup'): Cgroups {
  return existsSync(path.join(root, 'cgroup.controllers')) ? createVersion2(root) : createVersion1(root);
}

const FREEZE_TIMEOUT_MS = 2000;
const REMOVE_TIMEOUT_MS = 5000;

function createVersion1(root: string): Cgroups {
  const hierarchies = listDirectories(root).map((name) => path.join(root, name));
  const stateFile = (cgroup: string) => path.join(root, 'freezer', cgroup, 'freezer.state');
  const processes = (cgroup: string) => readProcesses(path.join(root, 'freezer', cgroup));
  /** The runtime joins one hierarchy after another: killed in between, its processes are not in all of them. */
  const inAnyHierarchy = (cgroup: string) => [
    ...new Set(hierarchies.flatMap((hierarchy) => readProcesses(path.join(hierarchy, cgroup)))),
  ];
  const thaw = (cgroup: string) => writeControl(stateFile(cgroup), 'THAWED');
  return {
    version: 1,
    async freeze(cgroup) {
      const frozen = await waitUntil(() => {
        // Written again each time: a process forked meanwhile can leave the state at FREEZING.
        writeFileSync(stateFile(cgroup), 'FROZEN');
        return readFileSync(stateFile(cgroup), 'latin1').trim() === 'FROZEN';
      }, FREEZE_TIMEOUT_MS);
      if (frozen) return;
      thaw(cgroup);
      throw new HostError('the sandbox could not be frozen');
    },
    thaw,
    isFrozen: (cgroup) => readControl(stateFile(cgroup)) !== 'THAWED',
    processes,
    kill: (cgroup, timeoutMs) =>
      waitUntil(() => {
        const left = inAnyHierarchy(cgroup);
        for (const pid of left) signal(pid, 'SIGKILL');
        // A frozen process dies as soon as it is let go, before it runs a single instruction of its own.
        thaw(cgroup);
        return left.length === 0;
      }, timeoutMs),
    async remove(cgroup) {
      for (const hierarchy of hierarchies) await removeTree(path.join(hierarchy, cgroup));
    },
    children: (parent) => [
      ...new Set(hierarchies.flatMap((hierarchy) => listDirectories(path.join(hierarchy, parent)))),
    ],
  };
}

function createVersion2(root: string): Cgroups {
  const control = (cgroup: string, file: string) => path.join(root, cgroup, file);
  const processes = (cgroup: string) => readProcesses(path.join(root, cgroup));
  const thaw = (cgroup: string) => {
    // Only a frozen one may have swap: see reclaim.ts.
    const swap = control(cgroup, 'memory.swap.max');
    if (existsSync(swap)) writeControl(swap, '0');
    writeControl(control(cgroup, 'cgroup.freeze'), '0');
  };
  return {
    version: 2,
    async freeze(cgroup) {
      writeFileSync(control(cgroup, 'cgroup.freeze'), '1');
      const events = control(cgroup, 'cgroup.events');
      if (await waitUntil(() => /^frozen 1$/m.test(readFileSync(events, 'latin1')), FREEZE_TIMEOUT_MS)) return;
      thaw(cgroup);
      throw new HostError('the sandbox could not be frozen');
    },
    thaw,
    isFrozen: (cgroup) => readControl(control(cgroup, 'cgroup.freeze')) === '1',
    processes,
    kill: (cgroup, timeoutMs) =>
      waitUntil(() => {
        // cgroup.kill exists since Linux 5.14; without it each process is signalled.
        if (!writeControl(control(cgroup, 'cgroup.kill'), '1')) {
          for (const pid of processes(cgroup)) signal(pid, 'SIGKILL');
        }
        thaw(cgroup);
        return processes(cgroup).length === 0;
      }, timeoutMs),
    remove: (cgroup) => removeTree(path.join(root, cgroup)),
    children: (parent) => listDirectories(path.join(root, parent)),
  };
}

/** Signals a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function listDirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function readControl(file: string): string | null {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return null;
  }
}

function writeControl(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** The processes of a cgroup and of those below it. */
function readProcesses(directory: string): number[] {
  const own = readControl(path.join(directory, 'cgroup.procs'));
  const pids = own === null || own === '' ? [] : own.split('\n').map(Number);
  return [...pids, ...listDirectories(directory).flatMap((name) => readProcesses(path.join(directory, name)))];
}

async function removeTree(directory: string): Promise<void> {
  for (const name of listDirectories(directory)) await removeTree(path.join(directory, name));
  // While a process gives its memory back it is listed no more and has not left yet.
  if (!(await waitUntil(() => removeUnlessBusy(directory), REMOVE_TIMEOUT_MS))) {
    throw new HostError(`${directory} stays in use`);
  }
}

function removeUnlessBusy(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY') return false;
    throw error;
  }
}
