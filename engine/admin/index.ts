import type { Server } from 'node:http';
import type { Routes } from '../api/server.ts';
import { linkName } from '../network/link.ts';
import { findPrunable, removePrunable, type PruneSources } from '../prune/plan.ts';
import { createUsageReader } from '../runtime/cgroup-usage.ts';
import type { Cgroups } from '../runtime/cgroup.ts';
import type { Machines } from '../sandboxes/machines.ts';
import type { SandboxManager } from '../sandboxes/manager.ts';
import type { SandboxStore } from '../state/sandbox-store.ts';
import type { KeyCheck } from '../state/api-keys.ts';
import { type ImageParts, listImages, removeImage } from './images.ts';
import { createHealthRoutes } from './health-routes.ts';
import { createObserver, type ObserverParts } from './observer.ts';
import { createAdminServer, type AdminParts } from './server.ts';
import { listenOnSocket, socketPath } from './socket.ts';

export type Admin = {
  /** For the engine's own port. */
  routes: Routes;
  /** Opens the socket of the command line tool. */
  listen(): Promise<void>;
  /** The engine stops: no call of the command line tool is taken any more. */
  close(): void;
};

/** Everything that the engine tells of itself, and what the command line tool may have it do. */
export function createAdmin(
  parts: Omit<ObserverParts, 'sandboxes' | 'usage' | 'diskFile' | 'isStopping'> &
    Pick<PruneSources, 'unusedLayers'> &
    Pick<AdminParts, 'log'> & {
      manager: SandboxManager;
      machines: Machines;
      cgroups: Cgroups;
      store: SandboxStore;
      toolboxDir: string;
      templates: ImageParts['templates'];
      address(index: number): string;
      checkKey: KeyCheck;
    },
): Admin {
  const { config, templates, manager, machines, cgroups, store, log, checkKey } = parts;
  const readUsage = createUsageReader();
  let server: Server | undefined;
  let stopping = false;
  const sources = {
    address: parts.address,
    folder: (id: string) => store.folder(id),
    diskFile: (id: string) => store.diskFile(id),
    usage: (id: string) => readUsage(machines.cgroup(id)),
    machine: (id: string) => machines.directory(id),
    cgroup: (id: string) => machines.cgroup(id),
    processes: (id: string) => cgroups.processes(machines.cgroup(id)),
    link: (index: number) => linkName(config.instance, index),
  };
  const observer = createObserver({
    ...parts,
    sandboxes: () => manager.all(),
    isStopping: () => stopping,
    usage: sources.usage,
    diskFile: sources.diskFile,
  });
  const { status, metricsText: metrics } = observer;
  return {
    routes: createHealthRoutes({ status, metrics, checkKey }),
    async listen() {
      const prune: AdminParts['prune'] = async ({ shared, dryRun }) => {
        const items = await findPrunable({ ...config, ...parts }, shared);
        if (!dryRun) await removePrunable(items);
        if (!dryRun) log.info({ items }, 'pruned');
        return items;
      };
      const imageParts = { ...config, templates, records: () => manager.all().map(({ record }) => record) };
      const images: AdminParts['images'] = {
        list: () => listImages(imageParts),
        pull: ({ image, login }, onLine) => templates.images.pull(image, login, onLine),
        remove: (layer) => removeImage(imageParts, layer),
      };
      server = createAdminServer({ manager, sources, status, metrics, prune, images, log });
      await listenOnSocket(server, socketPath(config.instance));
    },
    close() {
      stopping = true;
      server?.close();
      server?.closeAllConnections();
    },
  };
}
