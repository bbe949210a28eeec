import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sandbox } from 'e2b';
import type { TestEngine } from '../engine/testing/engine.ts';
import { commandLine } from '../engine/runtime/process.ts';
import { createCgroups } from '../engine/runtime/cgroup.ts';
import { median } from './report.ts';

const SANDBOXES = 3;
/** The start command and the engine's own work after a change have come to rest by then. */
const SETTLE_MS = 3000;
const MIB = 1024 * 1024;

/** Memory and disk of one sandbox of `template` while it runs, is paused, and is hibernated. */
export async function measureFootprint(engine: TestEngine, template: string): Promise<Record<string, number>> {
  const { connection } = engine;
  const sandboxes = await Promise.all(
    Array.from({ length: SANDBOXES }, () => Sandbox.create(template, { ...connection, timeoutMs: 600_000 })),
  );
  const figures: Record<string, number> = {};
  const measure = async (state: string) => {
    await sleep(SETTLE_MS);
    const seen = sandboxes.map(({ sandboxId }) => look(engine, sandboxId));
    figures[`${state}_memory_mb`] = rounded(median(seen.map(({ memory }) => memory)) / MIB);
    figures[`${state}_disk_kb`] = Math.round(median(seen.map(({ disk }) => disk)) / 1024);
    return seen;
  };
  const running = await measure('running');
  figures.envd_rss_mb = rounded(median(running.map(({ envd }) => envd)) / MIB);
  await Promise.all(sandboxes.map((sandbox) => sandbox.pause()));
  await measure('paused');
  await Promise.all(sandboxes.map(({ sandboxId }) => Sandbox.connect(sandboxId, connection)));
  await Promise.all(sandboxes.map((sandbox) => sandbox.pause({ keepMemory: false })));
  await measure('hibernated');
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
  return figures;
}

/** In bytes; memory is 0 once there is no cgroup any more. */
function look(engine: TestEngine, id: string): { memory: number; envd: number; disk: number } {
  const cgroup = `/shmastra-${engine.instance}/${id}`;
  const counters = [
    `/sys/fs/cgroup/memory${cgroup}/memory.usage_in_bytes`,
    `/sys/fs/cgroup${cgroup}/memory.current`,
  ].filter((file) => existsSync(file));
  const memory = counters[0] === undefined ? 0 : Number(readFileSync(counters[0], 'latin1'));
  const folder = path.join(engine.dataDir, 'sandboxes', id);
  const disk = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).blocks * 512, 0);
  const processes = memory === 0 ? [] : createCgroups().processes(cgroup);
  const envd = processes.find((pid) => commandLine(pid).startsWith('/.engine/node'));
  return { memory, disk, envd: envd === undefined ? 0 : residentBytes(envd) };
}

function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1] ?? 0) * 1024;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
