import { readFileSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { mountsBelow } from '../disk/mounts.ts';
import type { Usage } from '../runtime/cgroup-usage.ts';
import { commandLine } from '../runtime/process.ts';
import type { SandboxRecord } from '../state/record.ts';

const UsageFacts = z.object({
  cpuUsec: z.number(),
  memoryBytes: z.number(),
  cacheBytes: z.number(),
  processes: z.number(),
});

/** What `list` shows of a sandbox: nothing secret (no token, no environment). Sizes in bytes, times in Unix ms. */
export const SandboxFacts = z.object({
  id: z.string(),
  template: z.string(),
  templateID: z.string(),
  state: z.enum(['running', 'paused']),
  /** `kept`: the processes exist; `none`: the next resume starts from the disk. */
  memory: z.enum(['kept', 'none']),
  startedAt: z.number(),
  endAt: z.number(),
  onTimeout: z.enum(['kill', 'pause']),
  address: z.string(),
  cpuCount: z.number(),
  memoryLimit: z.number(),
  diskLimit: z.number(),
  /** On the host's disk; null when there is no disk yet. */
  diskBytes: z.number().nullable(),
  /** Null without processes, or when the engine does not run. */
  usage: UsageFacts.nullable(),
});
export type SandboxFacts = z.infer<typeof SandboxFacts>;

const Mount = z.object({ target: z.string(), type: z.string(), options: z.string() });
const Process = z.object({ pid: z.number(), command: z.string() });

/** What `inspect` shows. */
export const SandboxDetail = SandboxFacts.extend({
  record: z.record(z.string(), z.unknown()),
  folder: z.string(),
  /** Space inside the sandbox's own disk; null while it is not mounted. */
  disk: z.object({ usedBytes: z.number(), freeBytes: z.number(), freeInodes: z.number() }).nullable(),
  cgroup: z.string(),
  network: z
    .object({ link: z.string(), address: z.string(), receivedBytes: z.number(), sentBytes: z.number() })
    .nullable(),
  mounts: z.array(Mount),
  processes: z.array(Process),
});
export type SandboxDetail = z.infer<typeof SandboxDetail>;

export type FactSources = {
  address(index: number): string;
  folder(id: string): string;
  diskFile(id: string): string;
  usage(id: string): Usage | null;
};

export async function sandboxFacts(record: SandboxRecord, sources: FactSources): Promise<SandboxFacts> {
  const disk = await stat(sources.diskFile(record.id)).catch(() => null);
  return {
    id: record.id,
    template: record.alias ?? record.templateID,
    templateID: record.templateID,
    state: record.state,
    memory: record.process === null ? 'none' : 'kept',
    startedAt: record.startedAt,
    endAt: record.endAt,
    onTimeout: record.onTimeout,
    address: sources.address(record.addressIndex),
    cpuCount: record.cpuCount,
    memoryLimit: record.memoryMb * 2 ** 20,
    diskLimit: record.diskMb * 2 ** 20,
    diskBytes: disk === null ? null : disk.blocks * 512,
    usage: record.process === null ? null : sources.usage(record.id),
  };
}

/** The command lines of processes are left out beyond this many. */
const MAX_PROCESSES = 200;

export async function sandboxDetail(
  record: SandboxRecord,
  sources: FactSources & {
    /** Where it is mounted. */
    machine(id: string): string;
    cgroup(id: string): string;
    processes(id: string): number[];
    link(index: number): string;
  },
): Promise<SandboxDetail> {
  const { id, addressIndex } = record;
  const machine = sources.machine(id);
  const link = sources.link(addressIndex);
  const space = mountsBelow(machine).includes(path.join(machine, 'disk'))
    ? await statfs(path.join(machine, 'disk')).catch(() => null)
    : null;
  return {
    ...(await sandboxFacts(record, sources)),
    record: withoutSecrets(record),
    folder: sources.folder(id),
    disk: space && {
      usedBytes: (space.blocks - space.bfree) * space.bsize,
      freeBytes: space.bavail * space.bsize,
      freeInodes: space.ffree,
    },
    cgroup: sources.cgroup(id),
    network: linkTraffic(link, sources.address(addressIndex)),
    mounts: describeMounts(machine),
    processes: sources
      .processes(id)
      .slice(0, MAX_PROCESSES)
      .map((pid) => ({ pid, command: printable(commandLine(pid).split('\0').join(' ').trim() || '(ended)') })),
  };
}

/** What may be shown of a record: what a later version adds to it is secret until it is listed here. */
const SHOWN = [
  ...['version', 'id', 'templateID', 'buildID', 'alias', 'metadata', 'layers', 'addressIndex', 'cpuCount', 'memoryMb'],
  ...['diskMb', 'user', 'workdir', 'startCmd', 'allowInternetAccess', 'onTimeout', 'keepMemory', 'autoResume', 'state'],
  ...['startedAt', 'timeoutSeconds', 'endAt', 'process'],
];

/** The record without what opens the sandbox or may be a key of its owner: of variables the names alone. */
export function withoutSecrets(record: SandboxRecord): Record<string, unknown> {
  return {
    ...Object.fromEntries(Object.entries(record).filter(([name]) => SHOWN.includes(name))),
    envVars: Object.keys(record.envVars),
    needsTrafficToken: record.trafficToken !== undefined,
  };
}

/** Names and arguments come from the sandbox: no control characters for the terminal of whoever reads them. */
export function printable(text: string, length = 300): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, length);
}

function describeMounts(machine: string): SandboxDetail['mounts'] {
  const below = new Set(mountsBelow(machine));
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => below.has(fields[4] ?? ''))
    .map((fields) => {
      const dash = fields.indexOf('-');
      return { target: fields[4] ?? '', type: fields[dash + 1] ?? '', options: fields[5] ?? '' };
    });
}

/** As the sandbox sees it: what it received left through the host's end of the link. */
function linkTraffic(link: string, address: string): SandboxDetail['network'] {
  const read = (name: string) => Number(readFileSync(`/sys/class/net/${link}/statistics/${name}`, 'latin1'));
  try {
    return { link, address, receivedBytes: read('tx_bytes'), sentBytes: read('rx_bytes') };
  } catch {
    return null;
  }
}
