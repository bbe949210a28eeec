import { pino } from 'pino';
import { vi } from 'vitest';
import { AddressPool } from '../network/addresses.ts';
import { identifyProcess } from '../runtime/process.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { CreateInput } from './new-record.ts';
import { StartQueue } from './start-queue.ts';
import { StartSlots } from './start-slots.ts';
import type { ResolvedTemplate } from './types.ts';
import { WarmPool, type WarmPoolParts } from './warm-pool.ts';

export const SETTLE_MS = 5000;

export const build = (buildID: string, change: Partial<ResolvedTemplate> = {}): ResolvedTemplate => ({
  ...{ templateID: 't1', buildID, alias: 'app', layers: [`/layers/${buildID}`], env: { FROM: 'template' } },
  ...{ user: 'user', startCmd: 'serve', cpuCount: 1, memoryMb: 512, diskMb: 512 },
  ...change,
});

export const input = (change: Partial<CreateInput> = {}): CreateInput => ({
  ...{ templateID: 'app', timeoutSeconds: 60, metadata: {}, envVars: {}, allowInternetAccess: true },
  ...{ allowPublicTraffic: true, onTimeout: 'kill', keepMemory: true, autoResume: false },
  ...change,
});

/** The pool with a host that only takes notes. */
export function setUp(options: { size?: number; maxRunning?: number; remembered?: string } = {}) {
  const host = {
    current: build('b1') as ResolvedTemplate | null,
    building: false,
    healthy: true,
    launchFails: false,
    availableMb: 10_000,
    launched: [] as string[],
    discarded: [] as string[],
    saved: [] as SandboxRecord[],
    frozen: new Set<string>(),
    inits: [] as unknown[],
    /** What ends each warming up, and what holds them up when set. */
    warmed: [] as AbortSignal[],
    warming: undefined as Promise<void> | undefined,
    remembered: options.remembered ?? null,
    rememberedBare: null as string | null,
    firstTemplate: null as string | null,
    /** Resolves launches when set. */
    hold: undefined as Promise<void> | undefined,
  };
  const me = identifyProcess(process.pid);
  if (me === null) throw new Error('no identity');
  const limits = { maxRunning: options.maxRunning ?? 10, minMemoryMb: 256 };
  const sandboxes: string[] = [];
  const slots: StartSlots = new StartSlots(
    new StartQueue(4, 4),
    limits,
    () => pool.count + sandboxes.length,
    () => host.availableMb,
  );
  const addresses = new AddressPool('10.0.0.0/29');
  const parts: WarmPoolParts = {
    size: options.size ?? 1,
    settleMs: SETTLE_MS,
    machines: {
      envd: () => ({ url: 'http://envd', token: 'token' }),
      freeze: async (id) => void host.frozen.add(id),
      thaw: (id) => void host.frozen.delete(id),
    },
    transitions: {
      launch: async (record, signal) => {
        await Promise.race([host.hold, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
        signal.throwIfAborted();
        if (host.launchFails) throw new Error('no');
        host.launched.push(record.id);
        return me;
      },
      discard: async (sandbox) => {
        host.discarded.push(sandbox.id);
        addresses.release(sandbox.record.addressIndex);
      },
    },
    store: { save: async (record) => void host.saved.push(record) },
    initEnvd: async (_, init) => void host.inits.push(init),
    warmUp: async (_, signal) => {
      host.warmed.push(signal);
      await host.warming;
    },
    isHealthy: async () => host.healthy,
    now: Date.now,
    slots,
    pool: addresses,
    resolveTemplate: async () => host.current,
    isBuilding: () => host.building,
    removals: { settled: () => Promise.resolve(false) },
    firstTemplate: async () => host.firstTemplate,
    remembered: {
      load: async () => (host.remembered === null ? null : { name: 'app', buildID: host.remembered }),
      save: async ({ buildID }) => void (host.remembered = buildID),
    },
    rememberedBare: {
      load: async () => (host.rememberedBare === null ? null : { name: 'app', buildID: host.rememberedBare }),
      save: async ({ buildID }) => void (host.rememberedBare = buildID),
    },
    log: pino({ level: 'silent' }),
  };
  const pool: WarmPool = new WarmPool(parts);
  slots.makeRoom = () => pool.giveUp();
  return { host, pool, slots, addresses, sandboxes };
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
