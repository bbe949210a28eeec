import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runDirectory } from '../config.ts';
import { mountsBelow } from '../disk/mounts.ts';
import { linkPrefix } from '../network/link.ts';
import { command } from '../runtime/command.ts';
import { createCgroups } from '../runtime/cgroup.ts';
import type { TestEngine } from '../testing/engine.ts';

/** How many of each kind of thing an engine has on this host. */
export type Census = {
  folders: number;
  mounts: number;
  loopDevices: number;
  links: number;
  cgroups: number;
  runDirectories: number;
  runtimeStates: number;
  engineFds: number;
  /** MiB. */
  engineRss: number;
  logBytes: number;
  dataMb: number;
};

export async function takeCensus(engine: TestEngine): Promise<Census> {
  const { instance, dataDir, pid } = engine;
  const run = runDirectory(instance);
  const count = (directory: string) => (existsSync(directory) ? readdirSync(directory).length : 0);
  const folders = (directory: string) =>
    readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length;
  const lines = (text: string, part: string) => text.split('\n').filter((line) => line.includes(part)).length;
  const [loops, links, used] = await Promise.all([
    command('losetup', ['--list', '--output', 'NAME,BACK-FILE']),
    command('ip', ['-oneline', 'link', 'show']),
    command('du', ['--summarize', '--block-size=1M', dataDir]).catch(() => '0'),
  ]);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    folders: count(path.join(dataDir, 'sandboxes')),
    mounts: mountsBelow(run).length,
    loopDevices: lines(loops, dataDir),
    links: lines(links, ` ${linkPrefix(instance)}`),
    cgroups: createCgroups().children(`/shmastra-${instance}`).length,
    // The engine's own lock and socket are in it too.
    runDirectories: folders(run),
    runtimeStates: count(path.join(dataDir, 'runc')),
    engineFds: count(`/proc/${pid}/fd`),
    engineRss: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024),
    logBytes: (await engine.log()).length,
    dataMb: Number.parseInt(used, 10),
  };
}

/** Descriptors of an engine without sandboxes, and for each of them (kept connections to it and from its callers). */
const FDS = { base: 120, each: 40 };
/** MiB. */
const RSS = { base: 220, each: 3 };

/** @param sandboxes that exist @param aside machines that no caller knows of: spares @returns what is too much */
export function excess(census: Census, sandboxes: number, aside: number): string[] {
  const machines = sandboxes + aside;
  const bounds: Partial<Census> = {
    folders: machines,
    mounts: 2 * machines,
    loopDevices: machines,
    links: machines,
    cgroups: machines,
    runDirectories: machines,
    runtimeStates: machines,
    engineFds: FDS.base + FDS.each * machines,
    engineRss: RSS.base + RSS.each * machines,
  };
  return (Object.keys(bounds) as (keyof Census)[])
    .filter((name) => census[name] > (bounds[name] ?? 0))
    .map((name) => `${name}: ${census[name]}, at most ${bounds[name]} for ${sandboxes} sandboxes`);
}
