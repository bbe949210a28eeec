import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { HostError } from '../api/errors.ts';
import { toldAsDiskFull } from '../disk/disk-full.ts';
import type { Disks } from '../disk/disk.ts';
import { mountsBelow } from '../disk/mounts.ts';
import type { Network } from '../network/network.ts';
import { egressPolicy, type EgressPolicy } from '../network/policy.ts';
import { ENVD_COMMAND, isEnvd } from '../images/toolbox.ts';
import { signal, type Cgroups } from '../runtime/cgroup.ts';
import type { CgroupAccounts } from '../runtime/cgroup-accounts.ts';
import { buildOciConfig, deviceNumbers, SHIFTED_ROOT, type OciInput } from '../runtime/oci-config.ts';
import type { OciRuntime } from '../runtime/oci-runtime.ts';
import { commandLine, identifyProcess, type ProcessIdentity } from '../runtime/process.ts';
import type { Seccomp } from '../runtime/seccomp.ts';
import { limitUserNamespace } from '../runtime/user-limits.ts';
import { waitUntil } from '../runtime/wait.ts';
import { waitForEnvd } from './envd-health.ts';
import { watchFile } from './file-watch.ts';
import type { EnvdEndpoint, LaunchSpec } from './types.ts';

export const ENVD_PORT = 49_983;

/** How long processes get between SIGTERM and SIGKILL when the engine stops them in an orderly way. */
export const STOP_GRACE_MS = 4000;
const KILL_TIMEOUT_MS = 5000;
const CONSOLE_TAIL_BYTES = 2000;
/** Buffers of sockets may take this part of what the memory limit is, on top of it where the kernel counts them apart. */
const SOCKET_MEMORY_PART = 4;

export type MachineSpec = LaunchSpec & { addressIndex: number; envdToken: string; diskFile: string };

export type MachineParts = {
  instance: string;
  runDir: string;
  toolboxDir: string;
  pids: number;
  seccomp: Seccomp;
  /** MiB/s each way that a sandbox's disk is limited to; 0 is no limit. */
  diskMbps: number;
  accounts: CgroupAccounts;
  runtime: OciRuntime;
  cgroups: Cgroups;
  disks: Disks;
  network: Network;
  log: Logger;
};

/** Puts sandboxes on this host together and takes them apart; knows nothing of their life cycle. */
export class Machines {
  readonly #parts: MachineParts;

  constructor(parts: MachineParts) {
    this.#parts = parts;
  }

  directory(id: string): string {
    return path.join(this.#parts.runDir, id);
  }

  cgroup(id: string): string {
    return `/shmastra-${this.#parts.instance}/${id}`;
  }

  envd(spec: Pick<MachineSpec, 'addressIndex' | 'envdToken'>): EnvdEndpoint {
    return { url: `http://${this.#parts.network.pool.address(spec.addressIndex)}:${ENVD_PORT}`, token: spec.envdToken };
  }

  /**
   * Starts the sandbox from its disk, which is made if there is none, and resolves once envd answers.
   * @throws EngineError; processes, mounts and link are taken down again, the disk stays.
   */
  async boot(spec: MachineSpec, signal?: AbortSignal): Promise<ProcessIdentity> {
    const { runtime, network, disks, accounts, log } = this.#parts;
    const dir = this.directory(spec.id);
    const started = performance.now();
    const times: Record<string, number> = {};
    const mark = (name: string) => {
      times[name] = Math.round(performance.now() - started);
    };
    try {
      await mkdir(dir, { recursive: true });
      // Only the shifted root group may pass through: on the way in to the container, the runtime is already shifted.
      await chown(dir, 0, SHIFTED_ROOT);
      await chmod(dir, 0o710);
      await disks.ensure(spec.diskFile, spec.diskMb);
      await disks.mount(spec.diskFile, dir, spec.layers);
      mark('disk');
      signal?.throwIfAborted();
      await this.#writeBundle(spec, dir);
      const consoleFile = path.join(dir, 'disk/console.log');
      const pid = await runtime.create(spec.id, dir, consoleFile);
      mark('create');
      const identity = identifyProcess(pid);
      if (identity === null) throw new HostError('the sandbox ended while it was created');
      using written = watchFile(consoleFile);
      // Until its link is there the sandbox has no network at all, and nothing but envd runs before it is.
      await Promise.all([
        network.attach({ index: spec.addressIndex, pid, policy: egressPolicy(spec) }),
        limitUserNamespace(pid),
        accounts.limitSocketMemory(this.cgroup(spec.id), Math.ceil(spec.memoryMb / SOCKET_MEMORY_PART)),
        runtime.start(spec.id),
      ]);
      mark('start');
      await waitForEnvd(this.envd(spec).url, identity, written, signal);
      mark('envd');
      log.debug({ sandbox: spec.id, ms: times }, 'sandbox started');
      return identity;
    } catch (error) {
      if (!signal?.aborted) {
        const console = await this.#consoleTail(dir);
        log.error({ sandbox: spec.id, err: error, console, ms: times }, 'sandbox did not start');
      }
      await this.takeDown(spec.id, spec.addressIndex).catch((problem: unknown) => {
        log.error({ sandbox: spec.id, err: problem }, 'could not take down a sandbox that did not start');
      });
      throw toldAsDiskFull(error);
    }
  }

  /**
   * Ends the processes and removes mounts, link, cgroup and the runtime's state. The disk's image stays. Every step is
   * tried; idempotent.
   * @param graceMs time between SIGTERM and SIGKILL; 0 kills at once
   */
  async takeDown(id: string, addressIndex: number | null, graceMs = 0): Promise<void> {
    const { cgroups, runtime, disks, network } = this.#parts;
    const cgroup = this.cgroup(id);
    const problems: unknown[] = [];
    const step = async (task: () => Promise<unknown> | unknown) => {
      try {
        await task();
      } catch (error) {
        problems.push(error);
      }
    };
    await step(() => this.endProcesses(id, graceMs));
    await Promise.all([
      step(() => runtime.remove(id)),
      step(() => (addressIndex === null ? undefined : network.detach(addressIndex))),
      step(() => disks.unmount(this.directory(id))),
    ]);
    await step(() => cgroups.remove(cgroup));
    await step(() => this.#removeDirectory(id));
    if (problems.length > 0) throw new HostError(`could not remove all of sandbox ${id}`, new AggregateError(problems));
  }

  /** What is still mounted there is somebody's work, and would be deleted with it. */
  async #removeDirectory(id: string): Promise<void> {
    const dir = this.directory(id);
    const [mounted] = mountsBelow(dir);
    if (mounted !== undefined) throw new HostError(`${mounted} is still mounted`);
    await rm(dir, { recursive: true, force: true });
  }

  async endProcesses(id: string, graceMs: number): Promise<void> {
    const { cgroups } = this.#parts;
    const cgroup = this.cgroup(id);
    if (graceMs > 0 && !cgroups.isFrozen(cgroup)) {
      // Envd goes last: once it is gone the kernel kills everything else at once.
      const others = () => cgroups.processes(cgroup).filter((pid) => !isEnvd(commandLine(pid)));
      for (const pid of others()) signal(pid, 'SIGTERM');
      await waitUntil(() => others().length === 0, graceMs, 20);
    }
    if (!(await cgroups.kill(cgroup, KILL_TIMEOUT_MS))) throw new HostError('processes of the sandbox do not end');
  }

  /** @see RunningSandbox.exportLayer */
  async exportLayer(id: string, addressIndex: number, diskFile: string, targetDir: string): Promise<void> {
    const { disks, runtime, network } = this.#parts;
    const dir = this.directory(id);
    await this.endProcesses(id, STOP_GRACE_MS);
    await Promise.all([runtime.remove(id), network.detach(addressIndex)]);
    await disks.unmountRoot(dir);
    await disks.copyUpper(diskFile, dir, targetDir);
  }

  /** Copies the disk of `diskFile` as it is now; the processes stand still meanwhile and go on afterwards. */
  async copyDisk(id: string, diskFile: string, target: string, signal: AbortSignal): Promise<void> {
    await this.#whileFrozen(id, () => this.#parts.disks.copy(diskFile, this.directory(id), target, signal));
  }

  /** Copies the writable layer of `diskFile` as it is now; the processes stand still meanwhile. @see Disks.copyUpper */
  async copyLayer(id: string, diskFile: string, targetDir: string, signal: AbortSignal): Promise<void> {
    const dir = this.directory(id);
    const isMounted = mountsBelow(dir).length > 0;
    try {
      await this.#whileFrozen(id, () => this.#parts.disks.copyUpper(diskFile, dir, targetDir, signal));
    } finally {
      if (!isMounted) await this.#removeDirectory(id);
    }
  }

  async #whileFrozen<T>(id: string, task: () => Promise<T>): Promise<T> {
    const { cgroups } = this.#parts;
    const cgroup = this.cgroup(id);
    // One that has no processes has no cgroup, a paused one stays frozen.
    if (cgroups.processes(cgroup).length === 0 || cgroups.isFrozen(cgroup)) return task();
    await cgroups.freeze(cgroup);
    try {
      return await task();
    } finally {
      cgroups.thaw(cgroup);
    }
  }

  /** Replaces the rules for the connections of a running or frozen sandbox. */
  setEgressPolicy(addressIndex: number, policy: EgressPolicy | null): Promise<void> {
    return this.#parts.network.setPolicy(addressIndex, policy);
  }

  freeze(id: string): Promise<void> {
    return this.#parts.cgroups.freeze(this.cgroup(id));
  }

  thaw(id: string): void {
    this.#parts.cgroups.thaw(this.cgroup(id));
  }

  async #writeBundle(spec: MachineSpec, dir: string): Promise<void> {
    const { network, instance: _, ...parts } = this.#parts;
    const address = network.pool.address(spec.addressIndex);
    const etcDir = path.join(dir, 'disk/etc');
    const files = {
      'resolv.conf': network.resolvConf,
      hostname: `${spec.id}\n`,
      hosts: `127.0.0.1 localhost\n${address} ${spec.id}\n`,
      boot_id: `${randomUUID()}\n`,
    };
    const config = buildOciConfig({
      id: spec.id,
      args: ENVD_COMMAND,
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        ...spec.env,
        ENVD_ACCESS_TOKEN: spec.envdToken,
      },
      hostname: spec.id,
      rootfs: path.join(dir, 'rootfs'),
      toolboxDir: parts.toolboxDir,
      etcDir,
      cgroupsPath: this.cgroup(spec.id),
      cpuCount: spec.cpuCount,
      memoryMb: spec.memoryMb,
      pids: parts.pids,
      seccomp: parts.seccomp,
      disk: await this.#diskLimit(dir),
    });
    await Promise.all([
      ...Object.entries(files).map(async ([name, content]) => {
        await writeFile(path.join(etcDir, name), content, { mode: 0o644 });
        await chown(path.join(etcDir, name), SHIFTED_ROOT, SHIFTED_ROOT);
      }),
      writeFile(path.join(dir, 'config.json'), JSON.stringify(config), { mode: 0o600 }),
    ]);
  }

  async #diskLimit(dir: string): Promise<OciInput['disk']> {
    const { accounts, diskMbps } = this.#parts;
    if (!accounts.diskThroughput || diskMbps === 0) return null;
    const { dev } = await stat(path.join(dir, 'disk'));
    return { ...deviceNumbers(dev), megabytesPerSecond: diskMbps };
  }

  /** Only the end is read: what runs in a sandbox can make the file as large as its disk. */
  async #consoleTail(dir: string): Promise<string> {
    try {
      await using file = await open(path.join(dir, 'disk/console.log'), 'r');
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(CONSOLE_TAIL_BYTES),
        position: Math.max(0, size - CONSOLE_TAIL_BYTES),
      });
      return buffer.toString('utf8', 0, bytesRead);
    } catch {
      return '';
    }
  }
}
