import type { Logger } from 'pino';
import type { Reclaim } from '../runtime/reclaim.ts';
import type { Machines } from './machines.ts';
import type { Sandbox } from './sandbox.ts';

const INTERVAL_MS = 1000;

export type IdleMemoryParts = {
  /** The sandboxes of this engine by id. */
  sandboxes: ReadonlyMap<string, Sandbox>;
  machines: Pick<Machines, 'cgroup'>;
  reclaim: Reclaim;
  /** Bytes that the sandbox has in memory; null when it has no processes. */
  usage(id: string): number | null;
  /** How long (s) a sandbox is paused before its memory is taken back; 0: never. */
  afterSeconds: number;
  log: Logger;
  now(): number;
};

/**
 * Takes back memory of paused sandboxes that their processes will fetch again when they need it: one sandbox at a time,
 * once per pause, and not of those that were paused just now and may be resumed soon.
 */
export class IdleMemory {
  readonly #parts: IdleMemoryParts;
  /** The pause in which it was done, by sandbox. */
  readonly #done = new WeakMap<Sandbox, number>();
  #timer: NodeJS.Timeout | undefined;
  #working: { sandbox: Sandbox; task: Promise<void> } | undefined;

  constructor(parts: IdleMemoryParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.afterSeconds === 0) return;
    this.#timer = setInterval(() => this.#next(), INTERVAL_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#working?.sandbox.disturb();
    await this.#working?.task;
  }

  #next(): void {
    if (this.#working !== undefined) return;
    const { sandboxes, afterSeconds, log, now } = this.#parts;
    const due = now() - afterSeconds * 1000;
    for (const sandbox of sandboxes.values()) {
      const { state, process, pausedAt = 0 } = sandbox.record;
      if (sandbox.removed || sandbox.mutex.busy || state !== 'paused' || process === null) continue;
      if (pausedAt > due || this.#done.get(sandbox) === pausedAt) continue;
      this.#done.set(sandbox, pausedAt);
      const task = this.#take(sandbox)
        .catch((error: unknown) => log.warn({ sandbox: sandbox.id, err: error }, 'idle memory was not taken back'))
        .finally(() => (this.#working = undefined));
      this.#working = { sandbox, task };
      return;
    }
  }

  async #take(sandbox: Sandbox): Promise<void> {
    const { machines, reclaim, usage, log } = this.#parts;
    const begun = performance.now();
    const before = usage(sandbox.id);
    const { signal } = sandbox.idle;
    await reclaim(machines.cgroup(sandbox.id), signal);
    const after = usage(sandbox.id);
    const mb = (bytes: number | null) => (bytes === null ? null : Math.round(bytes / 2 ** 20));
    log.info(
      {
        ...{ sandbox: sandbox.id, beforeMb: mb(before), afterMb: mb(after), ended: signal.aborted },
        ms: Math.round(performance.now() - begun),
      },
      'idle memory taken back',
    );
  }
}
