import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';
import { command } from '../runtime/command.ts';
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

const Raised = z.object({
  /** The kernel forgets settings when the machine starts anew. */
  bootId: z.string(),
  settings: z.record(z.string(), z.object({ former: z.number(), ours: z.number() })),
});

/** Lowest values by name, as sysctl names them. `isRequired`: without it no sandbox has a network. */
export type HostSettings = Record<string, { atLeast: number; isRequired?: boolean }>;

const fileOf = (dataDir: string) => path.join(dataDir, 'host-settings.json');

/** What this many running sandboxes, with all that each may take, need of the host. */
export function neededSettings(maxRunning: number, memoryBytes = totalmem()): HostSettings {
  const watches = maxRunning * USER_LIMITS.max_inotify_watches + OWN_WATCHES;
  return {
    'net.ipv4.ip_forward': { atLeast: 1, isRequired: true },
    'fs.inotify.max_user_instances': { atLeast: maxRunning * USER_LIMITS.max_inotify_instances + OWN_INSTANCES },
    'fs.inotify.max_user_watches': {
      atLeast: Math.min(watches, Math.floor(memoryBytes / WATCHES_PART / WATCH_BYTES)),
    },
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
  const low = Object.entries(settings).filter(([name, { atLeast }]) => read(root, name) < atLeast);
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
