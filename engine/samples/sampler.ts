import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Usage } from '../runtime/cgroup-usage.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { History, type Sample } from './history.ts';

/** E2B's own interval. */
const INTERVAL_MS = 5000;
const MIB = 1024 * 1024;

export type SamplerParts = {
  sandboxes(): Sandbox[];
  /** Null for one without processes. */
  usage(id: string): Usage | null;
  /** Where its writable disk is mounted. */
  diskDirectory(id: string): string;
  log: Logger;
  now?(): number;
};

/** What is known of a sandbox: forgotten with it, and not written down. */
type Known = { history: History; cpuUsec: number; at: number };

/** Notes every few seconds what running sandboxes use. Paused ones use nothing and are left alone. */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  start(): void {
    this.#timer = setInterval(() => void this.sample(), INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Unix ms; oldest first. Empty for a sandbox that nothing is known of. */
  between(id: string, start: number, end: number): Sample[] {
    return this.#known.get(id)?.history.between(start, end) ?? [];
  }

  latest(id: string): Sample | undefined {
    return this.#known.get(id)?.history.latest;
  }

  /** One round. A slow disk makes it leave rounds out, not pile them up. */
  async sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      const present = new Map(this.#parts.sandboxes().map((sandbox) => [sandbox.id, sandbox]));
      for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id);
      for (const sandbox of present.values()) {
        await this.#note(sandbox).catch((error: unknown) => {
          this.#parts.log.debug({ sandbox: sandbox.id, err: error }, 'a sandbox could not be measured');
        });
      }
    } finally {
      this.#sampling = false;
    }
  }

  async #note({ id, record }: Sandbox): Promise<void> {
    if (record.state !== 'running' || record.process === null) return;
    const usage = this.#parts.usage(id);
    if (usage === null) return;
    const disk = await statfs(this.#parts.diskDirectory(id));
    const at = this.#now();
    const before = this.#known.get(id) ?? { history: new History(), cpuUsec: 0, at: record.startedAt };
    // Started anew from its disk since: it counts from 0 again.
    const used = usage.cpuUsec < before.cpuUsec ? usage.cpuUsec : usage.cpuUsec - before.cpuUsec;
    const available = Math.max(1, at - before.at) * 1000 * record.cpuCount;
    before.history.add({
      at,
      cpuUsedPct: Math.min(100, (used / available) * 100),
      cpuCount: record.cpuCount,
      memUsed: Math.max(0, usage.memoryBytes - usage.cacheBytes),
      memCache: usage.cacheBytes,
      memTotal: record.memoryMb * MIB,
      diskUsed: (disk.blocks - disk.bfree) * disk.bsize,
      diskTotal: disk.blocks * disk.bsize,
    });
    this.#known.set(id, { ...before, cpuUsec: usage.cpuUsec, at });
  }
}
