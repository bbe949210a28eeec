import { chmod, chown, mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Logger } from 'pino';
import { createAdmin } from './admin/index.ts';
import { CapacityError } from './api/errors.ts';
import { createMetricsRoutes } from './api/metrics-routes.ts';
import { createSandboxRoutes } from './api/sandbox-routes.ts';
import { publicDomain } from './api/public-address.ts';
import { createServer, type ServerParts } from './api/server.ts';
import { unsupportedRoutes } from './api/unsupported-routes.ts';
import { createSnapshotRoutes } from './api/snapshot-routes.ts';
import type { EngineConfig } from './config.ts';
import { createDisks } from './disk/disk.ts';
import { parseRegistries } from './images/oci/registries.ts';
import { createMeteredProxy } from './metrics/metered-proxy.ts';
import { MeteredManager, MeteredTransitions } from './metrics/metered.ts';
import { Metrics } from './metrics/metrics.ts';
import { createNetwork } from './network/network.ts';
import { egressPolicy, type EgressPolicy } from './network/policy.ts';
import { createProxy } from './proxy/proxy.ts';
import { createUsageReader } from './runtime/cgroup-usage.ts';
import { createCgroups } from './runtime/cgroup.ts';
import { findCgroupAccounts } from './runtime/cgroup-accounts.ts';
import { CAPABILITIES, SHIFTED_ROOT } from './runtime/oci-config.ts';
import { createOciRuntime } from './runtime/oci-runtime.ts';
import { createReclaim } from './runtime/reclaim.ts';
import { readSeccomp } from './runtime/seccomp.ts';
import { waitUntil } from './runtime/wait.ts';
import { probe } from './sandboxes/envd-health.ts';
import { Forks } from './sandboxes/fork.ts';
import { Hibernation } from './sandboxes/hibernation.ts';
import { IdleMemory } from './sandboxes/idle-memory.ts';
import { createLaunch } from './sandboxes/launch.ts';
import { Machines } from './sandboxes/machines.ts';
import { recover } from './sandboxes/recovery.ts';
import { Removals } from './sandboxes/removals.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { StartQueue } from './sandboxes/start-queue.ts';
import { availableMemoryMb, StartSlots } from './sandboxes/start-slots.ts';
import type { EnvdEndpoint, EnvdInit, StartCommand, Templates, TemplatesOptions } from './sandboxes/types.ts';
import { WarmPool } from './sandboxes/warm-pool.ts';
import { watchProcesses } from './sandboxes/watch.ts';
import { Sampler } from './samples/sampler.ts';
import { createKeyCheck } from './state/api-keys.ts';
import { neededSettings, raiseSettings } from './state/host-settings.ts';
import { removeHostState, rememberInstance } from './state/instance.ts';
import { lockFolder } from './state/engine-lock.ts';
import { SandboxStore } from './state/sandbox-store.ts';
import { createWarmTemplate } from './state/warm-template.ts';
import { listenWithTls } from './tls/listen.ts';
import { ensureZram, removeZram } from './state/zram.ts';

/** What runs in sandboxes and what they are made of; the other half of the engine. */
export type EngineContent = {
  ensureToolbox(dataDir: string): Promise<string>;
  createTemplates(options: TemplatesOptions): Promise<Templates>;
  startCommand(envd: EnvdEndpoint, command: StartCommand): Promise<void>;
  initEnvd(envd: EnvdEndpoint, init: EnvdInit): Promise<void>;
  /** Ends at the signal, or after a few seconds, and never fails. */
  warmUp(envd: EnvdEndpoint, signal: AbortSignal): Promise<void>;
};

export type Engine = {
  port: number;
  /** Ends every sandbox's processes (their disks stay) and takes everything off the host. */
  stop(): Promise<void>;
};

/**
 * Brings the engine up: takes over what a former run left, then listens.
 * @throws EngineError with one clear message when it cannot start
 */
export async function startEngine(config: EngineConfig, content: EngineContent, log: Logger): Promise<Engine> {
  await mkdir(config.dataDir, { recursive: true });
  await chmod(config.dataDir, 0o700);
  // The OCI runtime has the sandbox's ids already on its way to the root file system; nobody else passes.
  await mkdir(config.runDir, { recursive: true });
  await chown(config.runDir, 0, SHIFTED_ROOT);
  await chmod(config.runDir, 0o710);
  // Before anything of the host is touched: what is there under this name may be another engine's, and in use.
  const unlockInstance = await lockFolder(config.runDir, 'ENGINE_INSTANCE');
  const unlockData = await lockFolder(config.dataDir, 'ENGINE_DATA_DIR').catch(async (error: unknown) => {
    await unlockInstance();
    throw error;
  });
  const unlock = async () => {
    await Promise.all([unlockInstance(), unlockData()]);
  };
  try {
    return await assemble(config, content, log, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function assemble(
  config: EngineConfig,
  content: EngineContent,
  log: Logger,
  unlock: () => Promise<void>,
): Promise<Engine> {
  const { dataDir, runDir, instance } = config;
  const runtimeRoot = path.join(dataDir, 'runc');
  const store = new SandboxStore(path.join(dataDir, 'sandboxes'));
  const cgroups = createCgroups();
  const runtime = createOciRuntime(config.runtime, runtimeRoot);
  const disks = createDisks(path.join(dataDir, 'disks'), config.minFreeMb);
  const seccomp = readSeccomp(config.seccompProfile, CAPABILITIES);

  await rememberInstance(dataDir, { instance, subnet: config.subnet }, log);
  const loaded = await store.load();
  for (const { id, problem } of loaded) {
    if (problem !== undefined) log.error({ sandbox: id, err: problem }, 'the record of a sandbox cannot be read');
  }
  const policies = new Map<number, EgressPolicy>();
  for (const { record } of loaded) {
    const policy = record && egressPolicy(record);
    if (policy) policies.set(record.addressIndex, policy);
  }
  const [network, toolboxDir] = await Promise.all([
    createNetwork({ ...config, packageHostsFile: path.join(dataDir, 'package-hosts.json'), log }, policies),
    content.ensureToolbox(dataDir),
  ]);
  await ensureZram(dataDir, config.zramMb, log);
  // Once the packet filter is there: forwarding opens the way through this host for everybody.
  await raiseSettings(dataDir, neededSettings(config), log);
  const machines = new Machines({
    ...{ instance, runDir, toolboxDir, seccomp, runtime, cgroups, disks, network, log },
    ...{ pids: config.pids, diskMbps: config.diskMbps, accounts: findCgroupAccounts() },
  });

  const parts = { templates: undefined as Templates | undefined };
  const { pool } = network;
  const now = Date.now;
  const sandboxes = new Map<string, Sandbox>();
  const slots = new StartSlots(
    new StartQueue(config.startConcurrency, config.startQueue),
    { maxRunning: config.maxRunning, minMemoryMb: config.minMemoryMb },
    () => warm.count + [...sandboxes.values()].filter((sandbox) => sandbox.record.process !== null).length,
  );
  const { startCommand, initEnvd, warmUp } = content;
  const metrics = new Metrics();
  const removals = new Removals();
  const transitions = new MeteredTransitions(
    { machines, store, pool, slots, removals, startCommand, log, now },
    metrics,
  );
  const resolveTemplate = async (name: string) => (await parts.templates?.resolveTemplate(name)) ?? null;
  const warm = new WarmPool({
    ...{ machines, store, transitions, slots, pool, removals, resolveTemplate, initEnvd, log, now },
    size: config.warmPool,
    settleMs: config.warmSettleSeconds * 1000,
    warmUp,
    isHealthy: (url, timeoutMs) => waitUntil(() => probe(`${url}/health`), timeoutMs, 5),
    isBuilding: () => parts.templates?.isBuilding() ?? true,
    remembered: createWarmTemplate(dataDir, 'warm-template.json'),
    rememberedBare: createWarmTemplate(dataDir, 'warm-template-bare.json'),
    firstTemplate: async () => (await parts.templates?.builtIn()) ?? null,
  });
  const hibernation = new Hibernation({
    ...{ sandboxes, transitions, maxRunning: config.maxRunning, availableMemoryMb, log, now },
    freePlaces: () => slots.free + warm.count,
    afterSeconds: config.hibernateAfterSeconds,
    belowMemoryMb: config.hibernateBelowMb,
  });
  // A spare that goes costs nobody anything.
  slots.makeRoom = async () => (await warm.giveUp()) || hibernation.giveUp();
  const forks = new Forks({ machines, store, transitions, slots, warm, minFreeMb: config.minFreeMb, log, now });
  const snapshots = () => {
    if (parts.templates === undefined) throw new CapacityError('The engine is starting');
    return parts.templates.snapshots;
  };
  const manager = new MeteredManager(
    {
      ...{ machines, store, snapshots, transitions, slots, removals, warm, forks, hibernation, sandboxes },
      ...{ resolveTemplate, log, now },
    },
    metrics,
  );
  await recover({
    ...{ instance, runDir, runtimeRoot, cgroups, machines, manager, network, store, log },
    entries: loaded,
  });
  const templates = await content.createTemplates({
    dataDir,
    imageCacheDir: config.imageCacheDir,
    images: {
      registries: parseRegistries(config.registries),
      ...{ runDir, maxMb: config.imageMaxMb, minFreeMb: config.minFreeMb },
    },
    launch: createLaunch({ machines, slots, pool, store, takeAddress: () => warm.takeAddress() }),
    layersInUse: () =>
      new Set([...[...manager.all(), ...warm.spares()].flatMap(({ record }) => record.layers), ...forks.layers()]),
    timeBuild: (task) => metrics.time('build', task),
    log,
  });
  parts.templates = templates;
  await warm.start();
  hibernation.start();
  const readUsage = createUsageReader();
  const idleMemory = new IdleMemory({
    ...{ sandboxes, machines, log, now },
    reclaim: createReclaim(),
    usage: (id) => readUsage(machines.cgroup(id))?.memoryBytes ?? null,
    afterSeconds: config.reclaimAfterSeconds,
  });
  idleMemory.start();
  const stopWatch = watchProcesses(manager, log);
  const sampler = new Sampler({
    sandboxes: () => manager.all(),
    usage: (id) => readUsage(machines.cgroup(id)),
    diskDirectory: (id) => path.join(machines.directory(id), 'disk'),
    log,
  });
  sampler.start();

  const checkKey = createKeyCheck(dataDir);
  const address = (index: number) => pool.address(index);
  const admin = createAdmin({
    ...{ config, metrics, manager, machines, cgroups, store, toolboxDir, templates, address, checkKey, log },
    port: () => (server.listening ? portOf(server) : config.port),
    spares: () => warm.count,
    isBuilding: () => templates.isBuilding(),
    startsWaiting: () => slots.waiting,
    refusal: () => slots.refusal,
    unusedLayers: async () => (slots.busy ? null : templates.unusedLayers()),
  });
  const domain = (request: IncomingMessage) => publicDomain(config.domain, request);
  const serverParts: ServerParts = {
    proxy: createMeteredProxy(createProxy(manager, address, config.domain), metrics),
    publicRoutes: [
      admin.routes,
      (request, response, url) => only(url, '/uploads/', () => templates.templateRoutes(request, response, url)),
    ],
    routes: [
      createMetricsRoutes(sampler),
      createSandboxRoutes(manager, domain),
      createSnapshotRoutes(manager, templates.snapshots, domain),
      async (request, response, url) => {
        const handled = await templates.templateRoutes(request, response, url);
        // The template may mean another build now, or be gone.
        if (handled && request.method !== 'GET') warm.refresh();
        return handled;
      },
      unsupportedRoutes,
    ],
    checkKey,
    log,
  };
  const server: Server = createServer(serverParts);
  // First, so that who finds the port open finds the socket too.
  await admin.listen();
  const closeTls = config.tlsPort === 0 ? () => {} : await listenWithTls(config, serverParts, log);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const port = portOf(server);
  log.info({ host: config.host, port, instance }, 'engine listens');

  return {
    port,
    async stop() {
      admin.close();
      server.close();
      closeTls();
      stopWatch();
      sampler.stop();
      server.closeAllConnections();
      await templates.close();
      await idleMemory.close();
      await manager.stopAll();
      network.close();
      await removeHostState({ instance, subnet: config.subnet });
      await removeZram(dataDir);
      await unlock();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function only(url: URL, prefix: string, handle: () => Promise<boolean>): Promise<boolean> {
  return url.pathname.startsWith(prefix) ? handle() : false;
}
