import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';
import { CONNECTIONS_PER_SANDBOX } from '../network/ruleset.ts';
import { command } from '../runtime/command.ts';
import { TERMINALS_PER_SANDBOX } from '../runtime/oci-config.ts';
import { bootId } from '../runtime/process.ts';
import { USER_LIMITS } from '../runtime/user-limits.ts';
import { writeFileAtomic } from './atomic-file.ts';

/** For what else the host's root runs: the kernel counts the inotify of all sandboxes as root's. */
const OWN_INSTANCES = 1024;
const OWN_WATCHES = 65_536;
/** What the kernel keeps in memory for a watch, with the file that it keeps known for it. */
const WATCH_BYTES = 1024;
/** Watches may take this part of the memory at most, so that the host stays usable whoever makes them. */
const WATCHES_PART = 8;

/**
 * Least bytes of memory that the kernel keeps for one of these, and counts as the sandbox's. With as many allowed as the
 * whole memory holds, a sandbox comes to the end of its own memory before it could take away what others need.
 */
const EPOLL_WATCH_BYTES = 128;
const OPEN_FILE_BYTES = 192;
const PIPE_BUFFER_BYTES = 40;

/** For the processes of the host itself. */
const OWN_PROCESSES = 32_768;
/** PID_MAX_LIMIT of 64-bit kernels. */
const PID_LIMIT = 4_194_304;
const OWN_CONNECTIONS = 65_536;
/** What the kernel keeps for a connection in its table, which is nobody's memory; of that table: see WATCHES_PART. */
const CONNECTION_BYTES = 384;
const OWN_TERMINALS = 4096;

const Raised = z.object({
  /** The kernel forgets settings when the machine starts anew. */
  bootId: z.string(),
  settings: z.record(z.string(), z.object({ former: z.number(), ours: z.number() })),
});

/**
 * Lowest values by name, as sysctl names them. `isRequired`: without it no sandbox has a network. `zeroIsNone`: 0 is no
 * limit.
 */
export type HostSettings = Record<string, { atLeast: number; isRequired?: boolean; zeroIsNone?: boolean }>;

const fileOf = (dataDir: string) => path.join(dataDir, 'host-settings.json');

/** What this many running sandboxes, with all that each may take, need of the host. */
export function neededSettings(
  { maxRunning, pids }: { maxRunning: number; pids: number },
  memoryBytes = totalmem(),
): HostSettings {
  const watches = maxRunning * USER_LIMITS.max_inotify_watches + OWN_WATCHES;
  const connections = maxRunning * CONNECTIONS_PER_SANDBOX + OWN_CONNECTIONS;
  const processes = Math.min(maxRunning * pids + OWN_PROCESSES, PID_LIMIT);
  const memoryHolds = (bytes: number) => ({ atLeast: Math.floor(memoryBytes / bytes) });
  const partHolds = (wanted: number, bytes: number) => ({
    atLeast: Math.min(wanted, Math.floor(memoryBytes / WATCHES_PART / bytes)),
  });
  return {
    'net.ipv4.ip_forward': { atLeast: 1, isRequired: true },
    'fs.inotify.max_user_instances': { atLeast: maxRunning * USER_LIMITS.max_inotify_instances + OWN_INSTANCES },
    'fs.inotify.max_user_watches': partHolds(watches, WATCH_BYTES),
    'fs.epoll.max_user_watches': memoryHolds(EPOLL_WATCH_BYTES),
    'fs.file-max': memoryHolds(OPEN_FILE_BYTES),
    // Above it new pipes hold two pages instead of sixteen; it is counted by host id, which all sandboxes share.
    'fs.pipe-user-pages-soft': { ...memoryHolds(PIPE_BUFFER_BYTES), zeroIsNone: true },
    'kernel.pid_max': { atLeast: processes },
    'kernel.threads-max': { atLeast: processes },
    'kernel.pty.max': { atLeast: maxRunning * TERMINALS_PER_SANDBOX + OWN_TERMINALS },
    'net.netfilter.nf_conntrack_max': partHolds(connections, CONNECTION_BYTES),
  };
}

/**
 * Raises settings that are lower, never lowers one, and writes down what they were for `restoreSettings`.
 * @throws HostError when a required one cannot be raised; others are logged
 */
export async function raiseSettings(
  dataDir: string,
  settings: HostSettings,
  log: Logger,
  root = '/proc/sys',
): Promise<void> {
  const known = await readRaised(dataDir);
  const raised = known?.bootId === bootId() ? known.settings : {};
  const low = Object.entries(settings).filter(([name, { atLeast, zeroIsNone }]) => {
    const current = read(root, name);
    return current < atLeast && !(zeroIsNone && current === 0);
  });
  if (low.length === 0) return;
  for (const [name, { atLeast }] of low) {
    const current = read(root, name);
    const earlier = raised[name];
    raised[name] = { former: earlier?.ours === current ? earlier.former : current, ours: atLeast };
  }
  // Written first: what is raised and not known would stay for good.
  await writeFileAtomic(fileOf(dataDir), JSON.stringify({ bootId: bootId(), settings: raised }));
  for (const [name, { atLeast, isRequired }] of low) {
    const from = read(root, name);
    try {
      writeFileSync(fileOfSetting(root, name), String(atLeast));
      log.info({ setting: name, from, to: atLeast }, 'raised a setting of the kernel');
    } catch (error) {
      if (isRequired) throw new HostError(`could not set ${name} to ${atLeast}`, error);
      log.warn({ setting: name, from, to: atLeast, err: error }, 'could not raise a setting of the kernel');
    }
  }
}

/**
 * Sets back what `raiseSettings` raised since the machine started, unless somebody changed it again or another engine
 * is up, which needs the same.
 * @returns what was done, in sentences.
 */
export async function restoreSettings(
  dataDir: string,
  { root = '/proc/sys', isEngineUp = anyEngineUp }: { root?: string; isEngineUp?: () => Promise<boolean> } = {},
): Promise<string[]> {
  const raised = await readRaised(dataDir);
  if (raised === null) return [];
  const ours = Object.entries(raised.bootId === bootId() ? raised.settings : {}).filter(
    ([name, setting]) => read(root, name) === setting.ours,
  );
  if (ours.length > 0 && (await isEngineUp()))
    return [`kept ${ours.map(([name]) => name).join(', ')}: another engine on this machine needs it`];
  for (const [name, { former }] of ours) writeFileSync(fileOfSetting(root, name), String(former));
  await rm(fileOf(dataDir), { force: true });
  return ours.map(([name, { former }]) => `${name} is ${former} again`);
}

/** Every engine that is up has its table, whatever its data folder is. */
async function anyEngineUp(): Promise<boolean> {
  return / shmastra_/.test(await command('nft', ['list', 'tables']));
}

async function readRaised(dataDir: string): Promise<z.infer<typeof Raised> | null> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => null);
  return text === null ? null : Raised.parse(JSON.parse(text));
}

const fileOfSetting = (root: string, name: string) => path.join(root, ...name.split('.'));

/** A setting that this kernel does not have limits nothing. */
function read(root: string, name: string): number {
  try {
    return Number(readFileSync(fileOfSetting(root, name), 'latin1'));
  } catch {
    return Infinity;
  }
}
