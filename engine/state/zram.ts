import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';
import { command } from '../runtime/command.ts';
import { bootId } from '../runtime/process.ts';
import { writeFileAtomic } from './atomic-file.ts';

/** Used before any other swap of the machine. */
const PRIORITY = 100;
/** Everything that is swapped out comes back into memory first. */
const OFF_TIMEOUT_MS = 120_000;
const CONTROL = '/sys/class/zram-control';

const Owned = z.object({
  device: z.string().regex(/^zram\d+$/),
  bytes: z.number(),
  added: z.boolean(),
  bootId: z.string(),
});
type Owned = z.infer<typeof Owned>;

const fileOf = (dataDir: string) => path.join(dataDir, 'zram.json');
const attribute = (device: string, name: string) => `/sys/block/${device}/${name}`;

/**
 * Gives the machine `megabytes` (MiB) of compressed memory as swap, for idle sandboxes to be kept in; 0 takes away what a
 * former run had set up. A machine that cannot is none the worse: that is logged.
 */
export async function ensureZram(dataDir: string, megabytes: number, log: Logger): Promise<void> {
  const bytes = megabytes * 2 ** 20;
  const former = await readOwned(dataDir);
  if (former !== null && former.bytes === bytes && isOurs(former) && isSwap(former.device)) return;
  await removeZram(dataDir);
  if (megabytes === 0) return;
  try {
    await setUp(dataDir, bytes);
    log.info({ megabytes }, 'compressed memory is swap now');
  } catch (error) {
    await removeZram(dataDir).catch(() => {});
    log.warn({ err: error }, 'this machine cannot have compressed memory as swap');
  }
}

/** Takes away what `ensureZram` has set up, also when it was cut short. */
export async function removeZram(dataDir: string): Promise<void> {
  const owned = await readOwned(dataDir);
  if (owned !== null && isOurs(owned)) {
    const node = `/dev/${owned.device}`;
    if (isSwap(owned.device)) await command('swapoff', [node], { timeoutMs: OFF_TIMEOUT_MS });
    writeFileSync(attribute(owned.device, 'reset'), '1');
    if (owned.added) writeFileSync(path.join(CONTROL, 'hot_remove'), owned.device.slice('zram'.length));
  }
  await rm(fileOf(dataDir), { force: true });
}

async function setUp(dataDir: string, bytes: number): Promise<void> {
  await command('modprobe', ['zram']).catch(() => {});
  const { device, added } = findDevice();
  // Before it is touched: what is cut short from here on is found again.
  const owned: Owned = { device, bytes, added, bootId: bootId() };
  await writeFileAtomic(fileOf(dataDir), JSON.stringify(owned));
  const algorithms = readFileSync(attribute(device, 'comp_algorithm'), 'latin1');
  if (/\blz4\b/.test(algorithms)) writeFileSync(attribute(device, 'comp_algorithm'), 'lz4');
  writeFileSync(attribute(device, 'disksize'), String(bytes));
  await command('mkswap', [`/dev/${device}`]);
  await command('swapon', ['--priority', String(PRIORITY), `/dev/${device}`]);
}

function findDevice(): { device: string; added: boolean } {
  const free = readdirSync('/sys/block').find((name) => /^zram\d+$/.test(name) && sizeOf(name) === 0);
  if (free !== undefined) return { device: free, added: false };
  if (!existsSync(path.join(CONTROL, 'hot_add'))) throw new HostError('the kernel has no zram');
  // Reading it makes a new device.
  return { device: `zram${readFileSync(path.join(CONTROL, 'hot_add'), 'latin1').trim()}`, added: true };
}

function sizeOf(device: string): number {
  try {
    return Number(readFileSync(attribute(device, 'disksize'), 'latin1'));
  } catch {
    return Number.NaN;
  }
}

/** Somebody else may have taken the device after a restart of the machine, or before it was set up. */
function isOurs({ device, bytes, bootId: boot }: Owned): boolean {
  return boot === bootId() && sizeOf(device) === bytes;
}

function isSwap(device: string): boolean {
  return readFileSync('/proc/swaps', 'latin1')
    .split('\n')
    .some((line) => line.startsWith(`/dev/${device} `) || line.startsWith(`/dev/${device}\t`));
}

async function readOwned(dataDir: string): Promise<Owned | null> {
  try {
    return Owned.parse(JSON.parse(await readFile(fileOf(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
